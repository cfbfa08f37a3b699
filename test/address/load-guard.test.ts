/** A thread that loads a module starts no thread, whatever of the library the module uses meanwhile. @module */

import { describe, expect, test } from 'vitest';
import * as library from '../../src/index.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

/** A use of each export that starts or uses a thread, at the top level of a module; `isMain` tells the first time. */
const starting: Readonly<Record<string, string>> = {
  threaded: 'job(1)',
  threadedSeparate: 'separate(1)',
  threadedIterable: 'items().next()',
  threadedIterableSeparate: 'separateItems().next()',
  IteratorWrapper: 'new IteratorWrapper(generate).next()',
  IteratorWrapperSeparate: 'new IteratorWrapperSeparate(generate).next()',
  offload: 'outside.count()',
  syncWaitCoroutine: 'isMain ? job(1) : syncWaitCoroutine(job, 1)',
  'ThreadPool.runOnAll': 'pool.runOnAll(job)',
  'ThreadPool.map': 'pool.map([1], job).next()',
};

/** Exports that start no thread by themselves, or none in a thread. */
const harmless = [
  ...'coroutine callSignal threadNumber syncIterate setup move configure setDefaultPool ContextVar propagate sendable callChannel'.split(
    ' ',
  ),
  ...'fromThread toThread ThreadedIterator OffloopError WorkerExitError Channel Event Lock Semaphore'.split(' '),
  'ThreadPool',
  ...'constructor concurrency closed isBounded keepsThreads workers busyThreads stats resetStats histograms submit ready recycle close terminate'
    .split(' ')
    .map((name) => `ThreadPool.${name}`),
];

const moduleWith = (expression: string): string => `
  import {
    coroutine, IteratorWrapper, IteratorWrapperSeparate, offload, syncWaitCoroutine, threaded, threadedIterable,
    threadedIterableSeparate, threadedSeparate, ThreadPool,
  } from 'offloop';
  const isMain = globalThis.isMain === true;
  export const pool = new ThreadPool({ size: 2, minThreads: 2 });
  export const job = threaded({ pool })(function job(n) { return n; });
  export const separate = threadedSeparate(function separate(n) { return n; });
  export function* generate() { yield 1; }
  export const items = threadedIterable(function* items() { yield 1; });
  export const separateItems = threadedIterableSeparate(function* separateItems() { yield 1; });
  export const outside = offload(() => import('./outside.mjs'));
  await pool.ready();
  const outcome = ${expression};
  export const code = await outcome.then(() => 'went on', (error) => error.code);
`;

describe('a thread that loads a module', () => {
  test('is asked all that the library exports', () => {
    const methods = Object.getOwnPropertyNames(library.ThreadPool.prototype).map((name) => `ThreadPool.${name}`);
    const known = new Set([...Object.keys(starting), ...harmless]);

    expect([...Object.keys(library), ...methods].filter((name) => !known.has(name))).toEqual([]);
  });

  test('starts no thread for what the module calls, which is refused', async () => {
    const names = Object.keys(starting);
    const folder = project({
      'outside.mjs': 'export const count = () => 1;',
      ...Object.fromEntries(names.map((name) => [`${name}.mjs`, moduleWith(starting[name] ?? '')])),
      'main.mjs': `
        import { configure } from 'offloop';
        globalThis.isMain = true;
        configure({ view: 'never' });
        for (const name of ${JSON.stringify(names)}) {
          const { code, pool } = await import('./' + name + '.mjs');
          console.log(name, code, pool.stats().threads <= 2);
          await pool.terminate();
        }
      `,
    });
    const { lines, stderr, code } = await run(`${folder}/main.mjs`);

    expect({ lines, stderr, code }).toEqual({
      lines: names.map((name) => `${name} ERR_OFFLOOP_REENTRY true`),
      stderr: '',
      code: 0,
    });
  });

  test('goes on without what it starts, if a view can be made of it', async () => {
    const folder = project({
      'jobs.mjs': `
        import { threaded, ThreadPool } from 'offloop';
        export const pool = new ThreadPool({ size: 1 });
        export const warm = threaded(function warm() { return 1; });
        export const job = threaded({ pool })(function job(n) { return n + 1; });
        await pool.runOnAll(warm);
      `,
      'main.mjs': `
        import { job, pool } from './jobs.mjs';
        console.log(await job(1), pool.stats().threads);
      `,
    });

    expect(await run(`${folder}/main.mjs`)).toMatchObject({ lines: ['2 1'], stderr: '', code: 0 });
  });
});

describe('a pool in a thread of a pool', () => {
  test('starts no thread where there are four in each other', async () => {
    const folder = project({
      'jobs.mjs': `
        import { threaded, ThreadPool } from 'offloop';
        export const deeper = threaded(async (depth) => {
          const pool = new ThreadPool({ size: 1 });
          try {
            return (await pool.runOnAll(deeper, depth + 1))[0];
          } catch (error) {
            return depth + ' ' + error.code;
          } finally {
            await pool.terminate();
          }
        });
      `,
      'main.mjs': `
        import { deeper } from './jobs.mjs';
        console.log(await deeper(1));
      `,
    });

    expect(await run(`${folder}/main.mjs`)).toMatchObject({ lines: ['4 ERR_OFFLOOP_BOOT'], stderr: '', code: 0 });
  });
});
