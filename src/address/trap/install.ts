/** Installs the traps on the functions of Node.js, in a thread that may load a view. @module */

import nodeModule, { createRequire } from 'node:module';
import { registerHooks } from '../load/loader-api.ts';
import { trapFilePromises, trapFiles } from './file-traps.ts';
import { guard } from './guards.ts';
import type { Judge } from './guards.ts';
import { trap } from './pass-through.ts';
import { trapProcess } from './process-traps.ts';
import { streamOf } from './targets.ts';
import { trapPromisedTimers, trapTimers } from './timer-traps.ts';

const require = createRequire(import.meta.url);

type Exports = Record<string, unknown>;

const listens: Judge = () => 'listens';
const startsThread: Judge = () => 'starts a thread';
const startsProcess: Judge = () => 'starts a process';
const readsInput: Judge = ([fd]) => (streamOf(fd) === 'input' ? 'reads standard input' : undefined);

/** The prototype of an exported class. */
function prototypeOf(exports: Exports, name: string): object {
  return (exports[name] as { prototype: object }).prototype;
}

/** How to trap each built-in module that has effects. */
const modules: Readonly<Record<string, (exports: Exports) => void>> = {
  fs: trapFiles,
  'fs/promises': trapFilePromises,
  timers: trapTimers,
  'timers/promises': trapPromisedTimers,
  child_process(exports) {
    for (const name of Object.keys(exports)) trap(exports, name, guard(`child_process.${name}`, startsProcess));
  },
  worker_threads: (exports) => trap(exports, 'Worker', guard('new Worker', startsThread)),
  cluster: (exports) => trap(exports, 'fork', guard('cluster.fork', startsProcess)),
  net: (exports) => trap(prototypeOf(exports, 'Server'), 'listen', guard('server.listen', listens)),
  dgram: (exports) => trap(prototypeOf(exports, 'Socket'), 'bind', guard('socket.bind', listens)),
  inspector: (exports) => trap(exports, 'open', guard('inspector.open', listens)),
  tty: (exports) => trap(exports, 'ReadStream', guard('new tty.ReadStream', readsInput)),
};

/** Modules that are trapped by trapping others, which they use. */
const others: Readonly<Record<string, readonly string[]>> = {
  fs: ['fs/promises'],
  'fs/promises': ['fs'],
  http: ['net'],
  https: ['net'],
  http2: ['net'],
  tls: ['net'],
  _http_server: ['net'],
  _tls_wrap: ['net'],
  'inspector/promises': ['inspector'],
  repl: ['net'],
};

const trapped = new Set<string>();

/**
 * Installs the traps, once in each thread. With `registerHooks`, a built-in module is trapped when it is first
 * imported; otherwise all are trapped at once.
 */
export function installTraps(): void {
  if (!registerHooks) return trapAll();
  trapGlobals();
  trapAsImported(registerHooks);
}

/** Installs all traps now. */
export function trapAll(): void {
  trapGlobals();
  for (const name of Object.keys(modules)) prepare(name);
}

function trapGlobals(): void {
  trapProcess();
  trapTimers(globalThis);
  prepare('timers');
  prepare('timers/promises');
}

function trapAsImported(register: NonNullable<typeof registerHooks>): void {
  register({
    resolve(specifier, context, next) {
      prepare(specifier);
      return next(specifier, context);
    },
  });
  const { getBuiltinModule } = process as unknown as { getBuiltinModule: (id: string) => unknown };
  Object.assign(process, {
    getBuiltinModule(id: string) {
      prepare(id);
      return getBuiltinModule(id);
    },
  });
}

/** Traps the built-in module `specifier`, if it is one, before it is used. */
function prepare(specifier: string): void {
  const name = specifier.replace(/^node:/, '');
  if (trapped.has(name)) return;
  const related = others[name] ?? [];
  if (!Object.hasOwn(modules, name) && related.length === 0) return;
  trapped.add(name);
  modules[name]?.(require(`node:${name}`) as Exports);
  for (const other of related) prepare(other);
  // Updates the bindings of `import { … } from` too.
  nodeModule.syncBuiltinESMExports();
}
