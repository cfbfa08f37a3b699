/** The traps, each by itself: in this process, with a script in place of a view. @module */

import { createRequire, syncBuiltinESMExports } from 'node:module';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as namedFiles from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ModuleSpec } from '../../src/address/address.ts';
import { setup } from '../../src/address/setup.ts';
import { trapAll } from '../../src/address/trap/install.ts';
import { blame, isMuted } from '../../src/address/trap/guards.ts';
import { loadScope } from '../../src/address/trap/scope.ts';
import { createViewCache } from '../../src/address/load/view-cache.ts';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'offloop-trap-'));
const file = join(folder, 'view.cjs');
const old = join(folder, 'old.txt');
const fs = require('node:fs') as typeof import('node:fs');

/** As a module has it that was loaded before anything was trapped. */
const original = { writeFileSync: fs.writeFileSync, exec: (require('node:child_process') as { exec: Function }).exec };

beforeAll(() => {
  writeFileSync(old, 'old');
  trapAll();
  const spec = { url: pathToFileURL(file).href, view: { cache: createViewCache() } };
  loadScope.expect(spec as unknown as ModuleSpec);
});

afterEach(() => loadScope.end());

afterAll(() => rmSync(folder, { recursive: true }));

/** Evaluates `code` as a module at `path`, which is the view unless something else is said; gives its last value. */
function evaluate(code: string, path: string = file): unknown {
  const globals = globalThis as unknown as { need?: unknown };
  globals.need = require;
  if (path === file) loadScope.begin(file, 0);
  return new Script(code, { filename: path }).runInThisContext();
}

/** The error of the trap for `code`, thrown or as a rejection; `undefined` if the trap lets it pass. */
async function effectOf(code: string): Promise<string | undefined> {
  try {
    await evaluate(code);
    return undefined;
  } catch (error) {
    const { code: name, message } = error as Error & { code: string };
    if (name !== 'ERR_OFFLOOP_REENTRY') throw error;
    return / ran again there and (.*?)\. Move/.exec(message)?.[1];
  } finally {
    loadScope.end();
  }
}

const F = "need('node:fs')";
const P = "need('node:fs').promises";
const at = (name: string): string => JSON.stringify(join(folder, name));

/** For each function that changes files, a call that would change one. */
const changes: Record<string, string> = {
  appendFile: `${at('old.txt')}, 'x', () => {}`,
  appendFileSync: `${at('old.txt')}, 'x'`,
  chmod: `${at('old.txt')}, 0o600, () => {}`,
  chmodSync: `${at('old.txt')}, 0o600`,
  chown: `${at('old.txt')}, 0, 0, () => {}`,
  chownSync: `${at('old.txt')}, 0, 0`,
  copyFile: `${at('old.txt')}, ${at('new')}, () => {}`,
  copyFileSync: `${at('old.txt')}, ${at('new')}`,
  cp: `${at('old.txt')}, ${at('new')}, () => {}`,
  cpSync: `${at('old.txt')}, ${at('new')}`,
  createWriteStream: at('new'),
  fchmod: '9, 0o600, () => {}',
  fchmodSync: '9, 0o600',
  fchown: '9, 0, 0, () => {}',
  fchownSync: '9, 0, 0',
  ftruncate: '9, 0, () => {}',
  ftruncateSync: '9, 0',
  futimes: '9, 0, 0, () => {}',
  futimesSync: '9, 0, 0',
  lchmod: `${at('old.txt')}, 0o600, () => {}`,
  lchmodSync: `${at('old.txt')}, 0o600`,
  lchown: `${at('old.txt')}, 0, 0, () => {}`,
  lchownSync: `${at('old.txt')}, 0, 0`,
  link: `${at('old.txt')}, ${at('new')}, () => {}`,
  linkSync: `${at('old.txt')}, ${at('new')}`,
  lutimes: `${at('old.txt')}, 0, 0, () => {}`,
  lutimesSync: `${at('old.txt')}, 0, 0`,
  mkdir: `${at('new')}, () => {}`,
  mkdirSync: at('new'),
  mkdtemp: `${at('new')}, () => {}`,
  mkdtempSync: at('new'),
  mkdtempDisposable: at('new'),
  mkdtempDisposableSync: at('new'),
  open: `${at('new')}, 'w', () => {}`,
  openSync: `${at('new')}, 'a+'`,
  rename: `${at('old.txt')}, ${at('new')}, () => {}`,
  renameSync: `${at('old.txt')}, ${at('new')}`,
  rm: `${at('old.txt')}, () => {}`,
  rmSync: at('old.txt'),
  rmdir: `${at('')}, () => {}`,
  rmdirSync: at(''),
  symlink: `${at('old.txt')}, ${at('new')}, () => {}`,
  symlinkSync: `${at('old.txt')}, ${at('new')}`,
  truncate: `${at('old.txt')}, () => {}`,
  truncateSync: at('old.txt'),
  unlink: `${at('old.txt')}, () => {}`,
  unlinkSync: at('old.txt'),
  utimes: `${at('old.txt')}, 0, 0, () => {}`,
  utimesSync: `${at('old.txt')}, 0, 0`,
  write: "9, 'x', () => {}",
  writeSync: "9, 'x'",
  writeFile: `${at('new')}, 'x', () => {}`,
  writeFileSync: `${at('new')}, 'x'`,
  writev: "9, [Buffer.from('x')], () => {}",
  writevSync: "9, [Buffer.from('x')]",
};

/** Functions that read, or do nothing to a file. */
const reads = [
  ...'access close exists fstat lstat stat statfs fsync fdatasync opendir readdir readlink realpath glob openAsBlob'
    .split(' ')
    .flatMap((name) => [name, `${name}Sync`]),
  ...'read readSync readv readvSync readFile readFileSync createReadStream watch watchFile unwatchFile'.split(' '),
  '_toUnixTimestamp',
];

const isClass = (name: string): boolean => /^[A-Z]/.test(name);

describe('a statement of a view', () => {
  const names = Object.keys(fs).filter((name) => typeof fs[name as keyof typeof fs] === 'function' && !isClass(name));

  test('has every function of node:fs either trapped or known to change nothing', () => {
    expect(names.filter((name) => !(name in changes) && !reads.includes(name))).toEqual([]);
  });

  test.each(names.filter((name) => name in changes))('does not change files by fs.%s', async (name) => {
    expect(await effectOf(`${F}.${name}(${changes[name]})`)).toBe(`changes files (fs.${name})`);
    expect(readdirSync(folder)).toEqual(['old.txt']);
  });

  const promised = Object.keys(fs.promises).filter((name) => name !== 'constants' && !reads.includes(name));

  test.each(promised)('does not change files by fs.promises.%s', async (name) => {
    const args = changes[name]?.replace(/, \(\) => \{\}$/, '');

    expect(await effectOf(`${P}.${name}(${args})`)).toBe(`changes files (fs.promises.${name})`);
    expect(readdirSync(folder)).toEqual(['old.txt']);
  });

  test('does not change files by the methods of a FileHandle', async () => {
    const handle = await fs.promises.open(old, 'r+');
    Object.assign(globalThis, { handle });
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(handle)).filter(
      (name) => !/^(?:constructor|getAsyncId|fd|close|sync|datasync|stat|read.*|createReadStream)$/.test(name),
    );

    expect(methods).toEqual(expect.arrayContaining(['write', 'writev', 'writeFile', 'appendFile', 'truncate']));
    for (const name of methods) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await effectOf(`handle.${name}('x')`)).toBe(`changes files (FileHandle.${name})`);
    }
    expect(await effectOf('handle.stat()')).toBeUndefined();
    await handle.close();
  });

  test.each(['WriteStream', 'FileWriteStream'])('does not change files by new fs.%s', async (name) => {
    expect(await effectOf(`new (${F}.${name})(${at('new')})`)).toBe(`changes files (fs.${name})`);
  });

  test.each([
    `${F}.readFileSync(${at('old.txt')}, 'utf8')`,
    `${F}.closeSync(${F}.openSync(${at('old.txt')}))`,
    `${F}.closeSync(${F}.openSync(${at('old.txt')}, 'r'))`,
    `${F}.closeSync(${F}.openSync(${at('old.txt')}, ${F}.constants.O_RDONLY | ${F}.constants.O_NONBLOCK))`,
    `${F}.readdirSync(${at('')})`,
    `${P}.readFile(${at('old.txt')})`,
    `${P}.open(${at('old.txt')}).then((handle) => handle.close())`,
    `${F}.createReadStream(${at('old.txt')}).destroy()`,
  ])('reads files: %s', async (code) => {
    expect(await effectOf(code)).toBeUndefined();
  });

  const other: [code: string, effect: string][] = [
    ["need('node:net').createServer().listen(0)", 'listens (server.listen)'],
    ["need('node:http').createServer().listen(0)", 'listens (server.listen)'],
    ["need('node:https').createServer().listen(0)", 'listens (server.listen)'],
    ["need('node:http2').createServer().listen(0)", 'listens (server.listen)'],
    ["need('node:tls').createServer().listen(0)", 'listens (server.listen)'],
    ["need('node:dgram').createSocket('udp4').bind(0)", 'listens (socket.bind)'],
    ["need('node:inspector').open(0)", 'listens (inspector.open)'],
    ...['exec', 'execSync', 'execFile', 'execFileSync', 'fork', 'spawn', 'spawnSync'].map((name): [string, string] => [
      `need('node:child_process').${name}('true')`,
      `starts a process (child_process.${name})`,
    ]),
    ["need('node:util').promisify(need('node:child_process').exec)('true')", 'starts a process (child_process.exec)'],
    ["new (need('node:child_process').ChildProcess)()", 'starts a process (child_process.ChildProcess)'],
    ["need('node:cluster').fork()", 'starts a process (cluster.fork)'],
    ["new (need('node:worker_threads').Worker)('0', { eval: true })", 'starts a thread (new Worker)'],
    ["new (class extends need('node:worker_threads').Worker {})('0', { eval: true })", 'starts a thread (new Worker)'],
    ["process.on('SIGINT', () => {})", 'handles a signal (process.on)'],
    ["process.once('SIGUSR2', () => {})", 'handles a signal (process.once)'],
    ["process.addListener('exit', () => {})", 'handles what ends the process (process.addListener)'],
    ["process.prependListener('beforeExit', () => {})", 'handles what ends the process (process.prependListener)'],
    ["process.prependOnceListener('exit', () => {})", 'handles what ends the process (process.prependOnceListener)'],
    ["process.on('uncaughtException', () => {})", 'handles what ends the process (process.on)'],
    ["process.on('uncaughtExceptionMonitor', () => {})", 'handles what ends the process (process.on)'],
    ["process.on('unhandledRejection', () => {})", 'handles what ends the process (process.on)'],
    ["need('node:events').once(process, 'SIGTERM')", 'handles a signal (process.once)'],
    [
      'process.setUncaughtExceptionCaptureCallback(() => {})',
      'handles what ends the process (process.setUncaughtExceptionCaptureCallback)',
    ],
    ['process.exit()', 'ends the process (process.exit)'],
    ['process.reallyExit(0)', 'ends the process (process.reallyExit)'],
    ['process.abort()', 'ends the process (process.abort)'],
    ['process.kill(process.pid)', 'sends a signal (process.kill)'],
    ["process.chdir('/')", 'changes the working directory (process.chdir)'],
    ['process.umask(0)', 'changes the mode of new files (process.umask)'],
    ['process.setuid(0)', 'changes the user or group of the process (process.setuid)'],
    ['process.stdin', 'reads standard input (process.stdin)'],
    ["need('node:readline').createInterface(process.stdin)", 'reads standard input (process.stdin)'],
    [`${F}.readFileSync(0)`, 'reads standard input (fs.readFileSync)'],
    [`${F}.readFileSync('/dev/stdin')`, 'reads standard input (fs.readFileSync)'],
    [`${F}.readSync(0, Buffer.alloc(1))`, 'reads standard input (fs.readSync)'],
    [`${F}.openSync('/dev/stdin')`, 'reads standard input (fs.openSync)'],
    [`${F}.createReadStream(null, { fd: 0 })`, 'reads standard input (fs.createReadStream)'],
    [`${P}.readFile('/dev/stdin')`, 'reads standard input (fs.promises.readFile)'],
    ["new (need('node:tty').ReadStream)(0)", 'reads standard input (new tty.ReadStream)'],
  ];

  test.each(other)('%s: %s', async (code, effect) => {
    expect(await effectOf(code)).toBe(effect);
  });

  test.each([
    "process.on('warning', () => {}).removeAllListeners('warning')",
    'process.kill(process.pid, 0)',
    'process.umask()',
  ])('may do what has no effect: %s', async (code) => {
    expect(await effectOf(code)).toBeUndefined();
  });

  test('prints nothing, though it is told that it has', async () => {
    expect(evaluate(`${F}.writeSync(1, 'é')`)).toBe(2);
    expect(evaluate(`${F}.writeSync(2, Buffer.from('abc'), 1)`)).toBe(2);
    expect(evaluate(`${F}.writevSync(1, [Buffer.from('abc'), Buffer.from('d')])`)).toBe(4);
    expect(evaluate(`${F}.writeFileSync('/dev/stdout', 'x')`)).toBeUndefined();
    expect(evaluate(`${F}.appendFileSync(1, 'x')`)).toBeUndefined();
    expect(evaluate('process._rawDebug("x")')).toBeUndefined();
    expect(await evaluate(`new Promise((done) => ${F}.write(1, 'abc', (_, n) => done(n)))`)).toBe(3);
    expect(await evaluate(`${P}.appendFile('/dev/stderr', 'x')`)).toBeUndefined();
    Object.assign(globalThis, { isMuted });
    expect(evaluate('isMuted()')).toBe(true);
    expect(isMuted()).toBe(false);
  });

  test('has its timers until the load ends, and not any longer', async () => {
    const fired: string[] = [];
    Object.assign(globalThis, { fired });
    evaluate(`
      setTimeout(() => fired.push('during'), 0);
      setInterval(() => fired.push('interval'), 2 ** 30);
      setImmediate(() => setTimeout(() => fired.push('after'), 50));
      need('node:timers/promises').setTimeout(50).then(() => fired.push('promise'));
      need('node:util').promisify(setTimeout)(50).then(() => fired.push('promisified'));
    `);
    await promisify(setTimeout)(20);
    loadScope.end();
    await promisify(setTimeout)(100);

    expect(fired).toEqual(['during']);
  });
});

describe('whose doing it is', () => {
  const write = `${F}.writeFileSync(${at('new')}, 'x')`;
  const place = (code: string, word: string): number => code.indexOf(word);

  /** Where the trap finds the statement of `code` that writes. */
  async function positionIn(code: string): Promise<number | undefined> {
    const positions: (number | undefined)[] = [];
    Object.assign(globalThis, { effect: () => positions.push(loadScope.origin()?.position) });
    await evaluate(code);
    await expect.poll(() => positions, { interval: 5, timeout: 10_000 }).toHaveLength(1);
    loadScope.end();
    return positions[0];
  }

  test('is found for what a statement calls, through functions of its own and of others', async () => {
    const code = `function work() { [1].forEach(() => effect()); }\nwork();`;

    expect(await positionIn(code)).toBe(place(code, 'work();'));
  });

  test('is found in a class body', async () => {
    const code = `0;\nclass A { static x = effect(); }`;

    expect(await positionIn(code)).toBe(place(code, 'effect'));
  });

  test('is followed through promises', async () => {
    const code = `async function work() { await null; await null; effect(); }\nvoid work();`;

    expect(await positionIn(code)).toBe(place(code, 'work();'));
  });

  test('is followed through callbacks and timers', async () => {
    const code = `0;\n${F}.stat('.', () => setTimeout(() => process.nextTick(() => effect())));`;

    expect(await positionIn(code)).toBeGreaterThan(place(code, '\n'));
  });

  test('is a function of the view that something else calls', async () => {
    const { EventEmitter } = await import('node:events');
    const emitter = new EventEmitter();
    Object.assign(globalThis, { emitter });
    const code = `0;\nemitter.on('x', () => effect());`;
    queueMicrotask(() => emitter.emit('x'));

    expect(await positionIn(code)).toBe(place(code, 'effect'));
  });

  test("is nobody's if another module is being evaluated", async () => {
    Object.assign(globalThis, {
      load: () => evaluate('effect(); Promise.resolve().then(() => 0);', join(folder, 'other.cjs')),
    });

    expect(await positionIn('load()')).toBeUndefined();
  });

  test("is nobody's in what the evaluation of another module goes on with", async () => {
    Object.assign(globalThis, {
      load: () => evaluate('setTimeout(() => setTimeout(() => effect()));', join(folder, 'other.cjs')),
    });

    expect(await positionIn('load()')).toBeUndefined();
  });

  test("is nobody's inside setup(), then and later", async () => {
    Object.assign(globalThis, { setup });

    expect(await positionIn('setup(() => effect())')).toBeUndefined();
    expect(await positionIn('setup(async () => { await null; effect(); })')).toBeUndefined();
  });

  test("is nobody's while nothing is loaded", () => {
    evaluate(`globalThis.write = () => ${write};`);
    loadScope.end();
    (globalThis as unknown as { write(): void }).write();

    expect(existsSync(join(folder, 'new'))).toBe(true);
    rmSync(join(folder, 'new'));
  });
});

describe('a statement that throws', () => {
  /** The error of the load, once the statement has thrown in a view that was made after `version` hits. */
  function failureOf(version: number): string | undefined {
    let failure: string | undefined;
    loadScope.thread.fail = ({ message }): void => void (failure = message);
    try {
      loadScope.begin(file, version);
      new Script('0;\nundefined.lost;', { filename: file }).runInThisContext({ displayErrors: false });
    } catch (error) {
      blame(error);
    } finally {
      loadScope.end();
      delete loadScope.thread.fail;
    }
    return failure;
  }

  test('is left out as well if something was left out before', () => {
    expect(failureOf(1)).toMatch(/^Cannot load .*: line 2 of .*view\.cjs ran again there and throws/);
  });

  test('is as it was if nothing was', () => {
    expect(failureOf(0)).toBeUndefined();
  });
});

describe('a function that is trapped', () => {
  const trapped = [
    'fs.writeFileSync',
    'fs.write',
    'fs.createWriteStream',
    'fs.WriteStream',
    'fs.realpath',
    'child_process.exec',
    'worker_threads.Worker',
    'timers.setTimeout',
  ];

  test.each(trapped)('%s is what it was but for that', (path) => {
    const [module = '', name = ''] = path.split('.');
    const exports = require(`node:${module}`) as Record<string, Function>;
    const fn = exports[name] as Function & { prototype?: object };

    expect(fn.name).toBe(name);
    expect(typeof fn.length).toBe('number');
    if (/^[A-Z]/.test(name)) expect(Object.create(fn.prototype ?? null)).toBeInstanceOf(fn);
  });

  test('keeps its length and what `promisify` makes of it', async () => {
    const { exec } = require('node:child_process') as typeof import('node:child_process');

    expect(fs.writeFileSync).toHaveLength(original.writeFileSync.length);
    expect(exec).toHaveLength(original.exec.length);
    expect(await promisify(exec)('echo 1')).toEqual({ stdout: '1\n', stderr: '' });
    expect(await promisify(setTimeout)(1, 'x')).toBe('x');
  });

  test('is the same one by a named import, and among globals', () => {
    const timers = require('node:timers') as typeof import('node:timers');
    syncBuiltinESMExports();

    expect(namedFiles.writeFileSync).toBe(fs.writeFileSync);
    expect(fs.writeFileSync).not.toBe(original.writeFileSync);
    expect(timers.setTimeout).toBe(setTimeout);
  });

  test('can be extended and constructed', async () => {
    const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
    class Own extends Worker {
      own = 1;
    }
    const worker = new Own('0', { eval: true });

    expect(worker).toBeInstanceOf(Own);
    expect(worker).toBeInstanceOf(Worker);
    expect(worker.own).toBe(1);
    await worker.terminate();
  });
});
