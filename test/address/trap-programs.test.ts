/** Programs of one file whose threads would do again what the program does: each effect happens once. @module */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';
import type { Ran, RunOptions } from '../support/run.ts';

/** Runs `main` in a project of `files`; gives what it printed, and the lines of its file `log`. */
async function runProject(
  main: string,
  files: Record<string, string>,
  options: RunOptions = {},
): Promise<Ran & { readonly log: string[] }> {
  const folder = project(files);
  const ran = await run(join(folder, main), { ...options, cwd: folder });
  const path = join(folder, 'log');
  return { ...ran, log: existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [] };
}

/** The functions of a program: `other` is not called, but the statements that fill `state` are kept for it. */
const functions = `
  const state = { n: 1 };
  const other = threaded(function other() { return state; });
  const add = threaded(function add(a, b) { return a + b; });
`;

/** The effects of a program at its top level, in copies of the functions made before the program ran. */
const effects = `
  state.named = appendFileSync('log', 'named\\n');
  state.early = early.note('early');
  state.common = common.note('common');
  state.server = createServer().listen(0);
  state.server.close();
  state.last = early.last();
`;

/** Fewer of them: each costs a thread. */
const fewEffects = `
  state.common = common.note('common');
  state.server = createServer().listen(0);
  state.server.unref();
`;

const modules = {
  'early.mjs': `
    import fs from 'node:fs';
    const append = fs.appendFileSync;
    let noted;
    export const note = (text) => append('log', (noted = text) + '\\n');
    export const last = () => noted.length;
  `,
  'common.cjs': `
    const { appendFileSync } = require('fs');
    exports.note = (text) => appendFileSync('log', text + '\\n');
  `,
};

const imports = `
  import { appendFileSync } from 'node:fs';
  import { createServer } from 'node:http';
  import { threaded, threadedSeparate, threadedIterable, setup, ThreadPool } from 'offloop';
  import * as early from './early.mjs';
  import common from './common.cjs';
`;

const requires = `
  const { appendFileSync } = require('node:fs');
  const { createServer } = require('node:http');
  const { threaded, ThreadPool } = require('offloop');
  const common = require('./common.cjs');
  const early = common;
`;

const calls = `
  Promise.all([add(1, 2), add(3, 4), add(5, 6)]).then((sums) => console.log('sums', ...sums));
`;

const once = { stderr: '', lines: ['sums 3 7 11'], log: ['common'], code: 0 };

describe('what a program of one file does at its top level is done once', () => {
  test('in an ES module, and told of once with OFFLOOP_DEBUG=view', async () => {
    const main = imports + functions + effects + calls;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main }, { env: { OFFLOOP_DEBUG: 'view' } });

    expect({ ...ran, stderr: '' }).toMatchObject({ ...once, log: ['named', 'early', 'common'] });
    const told = ran.stderr.split('\n').filter((line) => line.includes(': it is left out'));
    expect(told.map((line) => line.replace(/line \d+/, 'line'))).toEqual([
      'offloop: line of main.mjs changes files (fs.appendFileSync): it is left out of the worker view',
      'offloop: line of main.mjs changes files (fs.appendFileSync): it is left out of the worker view',
      'offloop: line of main.mjs changes files (fs.appendFileSync): it is left out of the worker view',
      'offloop: line of main.mjs listens (server.listen): it is left out of the worker view',
      'offloop: line of main.mjs throws, because it lacks what was left out: it is left out of the worker view',
    ]);
    expect(ran.stderr).toContain("state.early = early.note('early');");
  });

  test('in a CommonJS module', async () => {
    const main = requires + functions + fewEffects + calls;
    const ran = await runProject('main.cjs', { ...modules, 'main.cjs': main });

    expect(ran).toMatchObject(once);
  });

  test.runIf(isFull)('in TypeScript under tsx', async () => {
    const text = `${imports}${functions}${fewEffects}${calls}`
      .replace("import common from './common.cjs'", 'const common = early')
      .replace('function add(a, b)', 'function add(a: number, b: number): number')
      .replace('{ n: 1 }', '{ n: 1 } as Record<string, any>');
    const ran = await runProject('main.mts', { ...modules, 'main.mts': text }, { nodeArgs: ['--import', 'tsx'] });

    expect(ran).toMatchObject(once);
  });

  test.runIf(isFull)('in threads of their own, spare ones among them', async () => {
    const main = `${imports}${functions.replace('add = threaded(', 'add = threadedSeparate(')}${fewEffects}
      for (const n of [1, 2, 3]) console.log(await add(n, n));
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main });

    expect(ran).toMatchObject({ ...once, lines: ['2', '4', '6'] });
  });

  test.runIf(isFull)('in a thread whose pool sets it up with a function of the program', async () => {
    const main = `${imports}${functions}${fewEffects}
      const init = threaded(function init() { globalThis.ready = 'ready'; });
      const state2 = threaded(function state2() { return globalThis.ready; });
      const pool = new ThreadPool({ size: 1, init });
      console.log(await state2.with({ pool })());
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main });

    expect(ran).toMatchObject({ ...once, lines: ['ready'] });
  });

  test.runIf(isFull)('in threads that have loaded other modules before, with an init of one of those', async () => {
    const jobs = `
      import { threaded } from 'offloop';
      import common from './common.cjs';
      export const init = threaded(function init() { globalThis.common = common; });
      export const size = threaded(function size() { return 2; });
    `;
    const main = `${imports}
      import { init, size } from './jobs.mjs';
      const pool = new ThreadPool({ size: 1, init });
      console.log(await size.with({ pool })(), await size());
      ${functions}${fewEffects}
      console.log(await add.with({ pool })(1, 2), await add(3, 4));
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main, 'jobs.mjs': jobs });

    expect(ran).toMatchObject({ ...once, lines: ['2 2', '3 7'] });
  });

  test.runIf(isFull)('in a program that the module of a function imports back', async () => {
    const jobs = `
      import { threaded } from 'offloop';
      import { factor } from './main.mjs';
      export const scale = threaded(function scale(n) { return n * factor(); });
    `;
    const main = `${imports}${functions}${fewEffects}
      import { scale } from './jobs.mjs';
      export function factor() { return 10; }
      console.log(await scale(2));
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main, 'jobs.mjs': jobs });

    expect(ran).toMatchObject({ ...once, lines: ['20'] });
  });

  test.runIf(isFull)('with arguments that move, which go on to the next thread', async () => {
    const main = `${imports}${functions}${fewEffects}
      import { MessageChannel } from 'node:worker_threads';
      const send = threaded(function send(bytes, port) {
        port.postMessage(bytes.byteLength);
        port.close();
        return bytes[0];
      });
      const items = threadedIterable(function* items(bytes) { yield bytes.length; });
      const { port1, port2 } = new MessageChannel();
      const heard = new Promise((resolve) => port2.once('message', resolve));
      const bytes = new Uint8Array(8).fill(7);
      console.log(await send.with({ transfer: [bytes.buffer, port1] })(bytes, port1), bytes.byteLength);
      console.log('port', await heard);
      for await (const n of items(new Uint8Array(100_000))) console.log(n);
      const separate = threadedSeparate(function separate(map, call) { return call(map.get('date').getTime()); });
      console.log(await separate(new Map([['date', new Date(5)]]), (n) => n + 1));
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main });

    expect(ran).toMatchObject({ ...once, lines: ['7 0', 'port 8', '100000', '6'] });
  });

  test.runIf(isFull)('also what goes on later, until the module is loaded', async () => {
    const main = `${imports}
      const state = {};
      const other = threaded(function other() { return state; });
      const add = threaded(function add(a, b) { return a + b; });
      state.soon = Promise.resolve().then(() => appendFileSync('log', 'soon\\n'));
      state.timer = setInterval(() => appendFileSync('log', 'tick\\n'), 1);
      await new Promise((done) => setTimeout(done, 100));
      clearInterval(state.timer);
      console.log(await add(1, 2));
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main });

    expect(ran).toMatchObject({ stderr: '', lines: ['3'], code: 0 });
    expect(ran.log.filter((line) => line === 'soon')).toHaveLength(1);
  });

  test.runIf(isFull)('and is printed once, though it is kept for its value', async () => {
    const main = `${imports}
      function read() { console.log('reading'); process.stderr.write('reads\\n'); return { n: 5 }; }
      const config = read();
      const get = threaded(function get() { console.log('in a thread'); return config.n; });
      console.log(await get());
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main });

    expect(ran).toMatchObject({ lines: ['reading', 'in a thread', '5'], stderr: 'reads\n', code: 0 });
  });
});

describe('what a thread does with the program', () => {
  test('leaves other modules and setup() as they are', async () => {
    const logger = `
      import { appendFileSync, createWriteStream } from 'node:fs';
      appendFileSync('log', 'logger\\n');
      process.on('exit', () => {});
      await null;
      setTimeout(() => appendFileSync('log', 'later\\n'), 0);
      export const out = createWriteStream('out');
      export const level = 'info';
    `;
    const main = `${imports}
      import { level } from './logger.mjs';
      const { deep } = await import('./lazy.mjs');
      setup(() => appendFileSync('log', 'setup\\n'));
      const f = threaded(function f() { return level + deep; });
      console.log(await f());
    `;
    const lazy = `
      import { appendFileSync } from 'node:fs';
      appendFileSync('log', 'lazy\\n');
      export const deep = 1;
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main, 'logger.mjs': logger, 'lazy.mjs': lazy });

    expect(ran).toMatchObject({ stderr: '', lines: ['info1'], code: 0 });
    const countOf = (word: string): number => ran.log.filter((line) => line === word).length;
    expect(['logger', 'lazy', 'setup'].map(countOf)).toEqual([2, 2, 2]);
  });

  test('is refused where the statement cannot be left out', async () => {
    const main = `${imports}${functions}
      state.n = eval('1');
      state.file = appendFileSync('log', String(state.n) + '\\n');
      const sum = await add(1, 2).catch((error) => error);
      console.log(sum.code, /line 13 of main.mjs ran again there and changes files/.test(sum.message));
      console.log((await add(1, 2).catch((error) => error)).code);
    `;
    const ran = await runProject('main.mjs', { ...modules, 'main.mjs': main });

    expect(ran).toMatchObject({
      stderr: '',
      lines: ['ERR_OFFLOOP_REENTRY true', 'ERR_OFFLOOP_REENTRY'],
      log: ['1'],
      code: 0,
    });
  });
});
