/** Preloaded in every thread of a program: notes each listening, child process and change of files that happens. @module */

'use strict';

const childProcess = require('node:child_process');
const dgram = require('node:dgram');
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');
const path = require('node:path');

const log = process.env.OFFLOOP_PROBE;
const { appendFileSync } = fs;

const note = (what) => appendFileSync(log, `${what}\n`);

// A call that one of the wrapped functions makes itself is not a second effect.
let inside = false;

/** Wraps `holder[name]`; `say` gives what to note, or undefined. */
function watch(holder, name, say) {
  const original = holder[name];
  holder[name] = function (...args) {
    if (inside) return Reflect.apply(original, this, args);
    const what = say(...args);
    if (what !== undefined) note(what);
    inside = true;
    try {
      return Reflect.apply(original, this, args);
    } finally {
      inside = false;
    }
  };
  Object.defineProperties(holder[name], {
    name: { value: original.name },
    length: { value: original.length },
  });
}

const folder = process.cwd();

function changed(name, always) {
  return (target) => {
    const file = typeof target === 'string' ? target : target instanceof URL ? target.pathname : undefined;
    if (file === undefined) return undefined;
    const relative = path.relative(folder, path.resolve(folder, file));
    if (relative.startsWith('..')) return always ? name : undefined;
    return always ? name : `${name} ${relative.replaceAll('\\', '/')}`;
  };
}

if (log) {
  watch(net.Server.prototype, 'listen', () => 'listen');
  watch(dgram.Socket.prototype, 'bind', () => 'listen');
  // tsx has a process of esbuild.
  const started = ({ file } = {}) => (/esbuild/.test(file) ? undefined : 'child process');
  watch(childProcess.ChildProcess.prototype, 'spawn', started);
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) watch(childProcess, name, () => 'child process');
  for (const name of ['writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'rm', 'unlink', 'rename', 'copyFile']) {
    const say = changed(name, name === 'mkdtemp');
    watch(fs, name, say);
    watch(fs, `${name}Sync`, say);
    watch(fs.promises, name, say);
  }
  const opened = (file, flags) => (/[wa+]/.test(String(flags)) ? changed('open')(file) : undefined);
  for (const holder of [fs, fs.promises]) watch(holder, 'open', opened);
  watch(fs, 'openSync', opened);
  watch(fs, 'createWriteStream', changed('createWriteStream'));
  syncBuiltinESMExports();
}
