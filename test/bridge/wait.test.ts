/** A thread that blocks until a function of the main side has settled: what it is given, and what it throws. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { coroutine, syncWaitCoroutine, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/bridged.mjs';
import { gate, reaches } from '../support/gate.ts';
import { later } from '../support/later.ts';

const identity = async (it: unknown): Promise<unknown> => it;

describe('syncWaitCoroutine, given a function of the arguments', () => {
  test.each([
    ['in a pooled thread', jobs.asks],
    ['in a thread of its own', jobs.asksSeparately],
  ])('gives what it returns, %s', async (_, asks) => {
    expect(await asks(identity, 'async')).toBe('async');
    expect(await asks((n: number) => n + 1, 1)).toBe(2);
    expect(await asks(async () => sleep(5, 'slept'))).toBe('slept');
  });

  test.each([0, -0, '', false, null, undefined, NaN, Infinity, 0n, 10n ** 400n])('keeps %s', async (value) => {
    expect(await jobs.asks(identity, value)).toBe(value);
  });

  test('keeps what structured clone would lose', async () => {
    const given = { url: new URL('https://a.b/c'), bytes: Buffer.from('xyz'), at: new Date(7), set: new Set([1]) };

    expect(await jobs.asks(identity, given)).toStrictEqual(given);
  });

  test('gives back an error that was returned, and throws one that was thrown', async () => {
    const error = new RangeError('out of it', { cause: 'the cause' });

    expect(await jobs.asks(() => error)).toStrictEqual(error);
    const { kind, thrower } = await jobs.catches(() => {
      throw error;
    });
    expect(kind).toBe('RangeError');
    expect(thrower).toMatch(/wait\.test\.ts[^]*at offloop call[^]*bridged\.mjs/);
  });

  test.each([0, '', false, null, undefined, 0n, 'text', 7])('throws %s as it was thrown', async (value) => {
    const thrower = (): never => {
      // The test throws a value that is not an error on purpose.
      // oxlint-disable-next-line typescript/only-throw-error
      throw value;
    };
    const caught = await jobs.catches(thrower);

    expect(caught).toMatchObject({ kind: false });
    expect(caught.thrown).toBe(value);
    expect(await jobs.catches(async () => Promise.reject(value as unknown as Error))).toStrictEqual(caught);
  });

  test('throws errors of registered classes, with their fields', async () => {
    const missing = (): never => {
      throw new jobs.Shortage('too few', 3);
    };

    expect(await jobs.catches(missing)).toMatchObject({ kind: 'Shortage', left: 3 });
  });

  test('rejects with what cannot cross, in either direction, and the thread lives on', async () => {
    const refused = { code: 'ERR_OFFLOOP_NOT_CLONEABLE' };

    await expect(jobs.asks(() => () => 1)).rejects.toMatchObject(refused);
    await expect(jobs.asks(() => ({ field: Symbol('s') }))).rejects.toMatchObject(refused);
    expect(await jobs.asks(() => 1)).toBe(1);
  });

  test('finds it anywhere in the arguments', async () => {
    expect(await jobs.asksInside({ list: [{ ref: (text: string) => `${text}!` }] })).toBe('inside!');
  });

  test('gives every answer to the question that was asked, 20,000 times', async () => {
    expect(await jobs.asksMany((i: number) => i, 10_000)).toBe(10_000);
    expect(await jobs.asksMany(identity, 10_000)).toBe(10_000);
  });

  test('works in the steps of generators and in their finally', async () => {
    const seen: unknown[] = [];
    for await (const item of jobs.squares(3)) seen.push(item);
    expect(seen).toEqual([0, 1, 4]);

    const asked: number[] = [];
    const twice = (n: number): number => (asked.push(n), 2 * n);
    for await (const item of jobs.squares.with({ maxSize: 1 })(9, twice)) if (item === 2) break;
    expect(asked.at(-1)).toBe(0);

    const separate: unknown[] = [];
    for await (const item of jobs.squaresSeparately(3)) separate.push(item);
    expect(separate).toEqual([0, 1, 4]);
  });

  test('is refused after the call that lent it has settled', async () => {
    await using pool = new ThreadPool({ size: 1 });
    await jobs.keeps.with({ pool })(() => 1);

    await expect(jobs.asksKept.with({ pool })()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_HANDLE_RELEASED' });
  });

  test('prints what was printed before it blocks', async () => {
    const lines: string[] = [];
    const { write } = process.stdout;
    process.stdout.write = (chunk: string | Uint8Array) => lines.push(String(chunk).trim()) > 0;
    try {
      await jobs.prints(() => lines.push('in the coroutine'));
    } finally {
      process.stdout.write = write;
    }

    expect(lines).toEqual(['before the wait', 'in the coroutine', 'after the wait']);
  });
});

describe('syncWaitCoroutine, given a coroutine of a module', () => {
  test('runs it on the main side, from a pooled thread and from one of its own', async () => {
    expect(await jobs.asksSquare(7)).toBe(49);
    const [thread, side] = (await jobs.asksSide()) as [number, number];
    expect(side).toBe(threadId);
    expect(thread).not.toBe(threadId);
    expect(await jobs.square(3)).toBe(9);
  });

  test('lets async code await it instead', async () => {
    expect(await jobs.awaitsSquare(5)).toEqual([25, [1, 4]]);
  });

  test('throws what it throws; what nobody took is what the call rejects with', async () => {
    await expect(jobs.asks(jobs.failing, 'no')).rejects.toMatchObject({ name: 'Error', message: 'no', left: 3 });
    await expect(jobs.leavesFailing()).rejects.toThrow('nobody took it');
  });

  test('runs it in the context of the call: stores that cannot be copied are the very same', async () => {
    const store = { name: 'of the caller' };
    const seen = new AsyncLocalStorage<string>();

    const [, , found] = (await jobs.live.run(store, async () => jobs.asksSide())) as unknown[];
    expect(found).toEqual(store);
    const same = seen.run('mine', async () =>
      jobs.live.run(store, async () => jobs.asks(() => seen.getStore() === 'mine' && jobs.live.getStore() === store)),
    );
    expect(await same).toBe(true);
  });

  test('runs no more of them at once than it was told', async () => {
    await using pool = new ThreadPool({ size: 6 });
    const most = await Promise.all(Array.from({ length: 12 }, async () => jobs.asksForLimited.with({ pool })()));

    expect(Math.max(...most)).toBe(2);
  });

  test('runs no more of them at once than it was told, as an argument too', async () => {
    await using pool = new ThreadPool({ size: 6 });
    const two = later();
    let inside = 0;
    const limited = coroutine(
      async () => {
        inside += 1;
        if (inside === 2) two.resolve();
        await two.promise;
        return inside--;
      },
      { concurrency: 2 },
    );
    const most = await Promise.all(Array.from({ length: 12 }, async () => jobs.asks.with({ pool })(limited)));

    expect(Math.max(...(most as number[]))).toBe(2);
  });
});

describe('syncWaitCoroutine, given a wrapped function', () => {
  test('gives it another thread, though the pool has one', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const [[doubled, other], own] = (await jobs.asksThreaded.with({ pool })(4)) as [[number, number], number];

    expect(doubled).toBe(8);
    expect(other).not.toBe(own);
  });

  test('lets calls wait for each other 20 deep', async () => {
    expect(await jobs.asksDeeply(20)).toBe(20);
  });

  test('lets 100 calls wait at once, each for another call that waits in turn', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const inner = async (n: number): Promise<unknown> => jobs.doubleSquare.with({ pool })(n);
    const calls = Array.from({ length: 100 }, async (_, n) => jobs.asks.with({ pool })(inner, n));

    expect(await Promise.all(calls)).toEqual(Array.from({ length: 100 }, (_, n) => 2 * n * n));
  });
});

describe('syncWaitCoroutine', () => {
  test('is refused on the main side, at once', () => {
    const blocked = expect.objectContaining({ code: 'ERR_OFFLOOP_WOULD_BLOCK' }) as Error;

    expect(() => syncWaitCoroutine(identity, 1)).toThrow(blocked);
    expect(() => syncWaitCoroutine(jobs.square, 1)).toThrow(blocked);
    expect(() => jobs.asks.syncCall(identity, 1)).toThrow(blocked);
  });

  test('is refused what it cannot wait for', async () => {
    expect(await jobs.asksNothing()).toEqual(Array.from({ length: 3 }, () => 'ERR_OFFLOOP_ARGUMENT'));
    expect(() => syncWaitCoroutine('text' as unknown as () => void)).toThrow(TypeError);
  });

  test.each([[{ timeout: -1 }], [{ timeout: NaN }], [{ signal: 1 }], [{ patience: 1 }]])(
    'refuses %j',
    async (options) => {
      await expect(jobs.asksBadly(identity, options)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
      expect(() => syncWaitCoroutine.with(options as object)).toThrow(TypeError);
    },
  );

  test('wakes only the thread that waits', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const it = gate();
    let release: (value: string) => void = () => undefined;
    const answer = new Promise<string>((resolve) => (release = resolve));
    const blocked = jobs.asks.with({ pool })(() => {
      Atomics.add(it, 1, 1);
      Atomics.notify(it, 1);
      return answer;
    });
    await reaches(it, 1, 1);

    expect(await jobs.where.with({ pool })()).toEqual(expect.any(Number));
    release('late');
    expect(await blocked).toBe('late');
  });
});
