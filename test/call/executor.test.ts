/** Executors, to which a wrapper submits its calls: a pool, or any object that is marked as one. @module */

import { ThreadPool } from 'offloop';
import type { Executor } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import { DedicatedThreads } from '../../dist/src/threads/dedicated.js';
import { ownCall } from '../../dist/src/pool/own-call.js';
import * as jobs from '../fixtures/jobs/basics.mjs';
import { count } from '../fixtures/jobs/generators.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { take } from '../support/take.ts';

type Call = Parameters<Executor['submit']>[0];

/** Passes calls on to a pool, and notes them. */
class Noting implements Executor {
  readonly calls: string[] = [];
  readonly pool: ThreadPool = new ThreadPool({ size: 1 });
  readonly concurrency = 1;

  submit(call: Call): void {
    this.calls.push(call.name);
    this.pool.submit(call);
  }

  stats(): object {
    return { calls: this.calls.length };
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}

Object.defineProperty(Noting.prototype, Symbol.for('offloop.executor@1'), { value: true });
const executor = new Noting();
afterAll(async () => executor.close());

describe('the option pool', () => {
  test('takes any executor, of calls and of iterators', async () => {
    const { calls } = executor;
    calls.length = 0;

    expect(await jobs.echo.with({ pool: executor })(1)).toEqual([1]);
    expect(await take(count.with({ pool: executor })(3))).toEqual([0, 1, 2]);
    expect(calls).toEqual(['echo', 'count']);
    expect(executor.stats()).toEqual({ calls: 2 });
  });

  test.each([{}, null, 'pool', { submit: () => undefined }, () => undefined])('refuses %s', (pool) => {
    expect(() => jobs.echo.with({ pool } as never)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });

  test('lets an executor fail a call', async () => {
    const closed: Executor = {
      concurrency: Infinity,
      submit: (call) => call.fail(new RangeError('no room')),
      stats: () => ({}),
      close: async () => undefined,
    };
    Object.assign(closed, { [Symbol.for('offloop.executor@1')]: true });

    await expect(jobs.echo.with({ pool: closed })(1)).rejects.toThrow(new RangeError('no room'));
  });
});

describe('the threads of single calls', () => {
  test('are an executor: they run calls, say what they do, and are closed after them', async () => {
    const threads = new DedicatedThreads();
    const it = gate();
    const call = ownCall(jobs.block, [it, 'done']);
    threads.submit(call);
    await reaches(it, 1, 1);
    expect(threads.stats()).toMatchObject({ running: 1, queued: 0 });
    const closed = threads.close();
    const late = ownCall(jobs.block, [it, 'late']);
    late.promise.catch(() => undefined);
    threads.submit(late);
    open(it);

    expect(await call.promise).toBe('done');
    await expect(late.promise).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    await closed;
    expect(threads.stats()).toMatchObject({ running: 0, queued: 0, spare: 0 });
  });
});

test('a pool says how many calls it runs at once', async () => {
  await using pool = new ThreadPool({ size: 3 });

  expect(pool.concurrency).toBe(3);
});
