/** Transactions: what they write, whom they exclude, and that none waits for ever for another. @module */

import { ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import { Latch } from '../../src/base/latch.ts';
import * as jobs from '../fixtures/jobs/cached.mjs';
import { newPath, opened } from '../support/caches.ts';
import { tries } from '../support/full.ts';
import { gate, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

const deadlock = expect.objectContaining({ code: 'ERR_OFFLOOP_DEADLOCK' }) as Error;
const wrong = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;

describe('a transaction', () => {
  test('makes its writes all at once, or none if it throws', async () => {
    const cache = opened<number>({});
    const updates = cache.updates();
    const gone = cache.transaction('a', (tx) => {
      tx.set('a', 1);
      tx.publish('b', 1);
      throw new Error('thought better of it');
    });

    await expect(gone).rejects.toThrow('thought better of it');
    expect([...cache.keys()]).toEqual([]);
    const result = await cache.transaction('a', async (tx) => {
      tx.set('a', 1);
      tx.publish('b', 2);
      tx.set('c', 3);
      tx.delete('c');
      expect([tx.get('a'), tx.has('b'), tx.has('c'), tx.get('c')]).toEqual([1, true, false, undefined]);
      expect(cache.has('a')).toBe(false);
      return 'done';
    });
    expect(result).toBe('done');
    expect([...cache.entries()]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(updates.drain()).toEqual([['b', 2]]);
  });

  test('is refused within one of the same key, and runs within one of another', async () => {
    const cache = opened<number>({});
    const path = newPath();

    await cache.transaction('a', async () => {
      await expect(cache.transaction('a', () => 1)).rejects.toThrow(deadlock);
      expect(await cache.transaction('b', () => 2)).toBe(2);
    });
    expect(await jobs.nests.with({ pool })(path, {})).toBe('ERR_OFFLOOP_DEADLOCK');
    expect(await cache.transaction('a', () => 3)).toBe(3);
  });

  test('waits no longer than its timeout, and ends its wait with its signal', async () => {
    const cache = opened({});
    const leaving = new AbortController();
    const over = new Latch();
    const holding = cache.transaction('a', async () => over.opened);
    const left = cache.transaction('a', () => 1, { signal: leaving.signal });
    const late = cache.transaction('a', () => 1, { timeout: 20 });
    leaving.abort(new Error('has left'));

    await expect(left).rejects.toThrow('has left');
    await expect(late).rejects.toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_TIMEOUT' }) as Error);
    over.open();
    await holding;
    expect(await cache.transaction('a', () => 1)).toBe(1);
  });

  test('cannot be used once it is over', async () => {
    const cache = opened<number>({});
    const tx = await cache.transaction('a', (it) => it);

    expect(() => tx.set('a', 1)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' }) as Error);
    expect(cache.has('a')).toBe(false);
  });

  test('of any of very many keys excludes others, also when locks are given up', async () => {
    const cache = opened<number>({});
    const held = new Set<number>();
    await Promise.all(
      Array.from({ length: 5500 }, async (_, i) =>
        cache.transaction(i % 4400, async () => {
          expect(held.has(i % 4400)).toBe(false);
          held.add(i % 4400);
          await Promise.resolve();
          held.delete(i % 4400);
        }),
      ),
    );
  });

  test('refuses what is no function that it could run', async () => {
    const cache = opened<number>({});
    const wrongs = [undefined, null, 5, function* generator() {}, async function* generator() {}];

    for (const fn of wrongs) await expect(cache.transaction('a', fn as never)).rejects.toThrow(wrong);
    // What a transaction gives its function is of use in this thread only.
    await expect(cache.transaction('a', async (tx) => jobs.nestsAtRandom(tx as never, 1))).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' }) as Error,
    );
    expect(await jobs.transactsSync.with({ pool })(newPath())).toEqual([
      'ERR_OFFLOOP_ARGUMENT',
      'ERR_OFFLOOP_ARGUMENT',
      'ERR_OFFLOOP_ARGUMENT',
      // Not even what came before its first `await` was written, and the key is free.
      'none',
    ]);
  });

  test('has given its key back when it waits for room of those who take updates', async () => {
    const path = newPath();
    const cache = opened<number>({}, path);
    const updates = cache.updates({ maxSize: 1 });
    const publishing = Promise.all([
      cache.transaction('n', (tx) => [1, 2, 3].forEach((n) => tx.publish('n', n * 10))),
      jobs.publishesInTransaction.with({ pool })(path, 'n', [4, 5, 6]),
    ]);
    const seen: unknown[] = [];
    for await (const [, n] of updates) {
      await cache.transaction('n', (tx) => tx.set('seen', n));
      if (seen.push(n) === 4) break;
    }

    await publishing;
    expect(cache.get('seen')).toBe(seen.at(-1));
  });

  test('that blocks does not wait for room in an iterator of its own thread', async () => {
    expect(await jobs.publishesToItself.with({ pool })(newPath(), 5)).toBe(5);
  });
});

describe('transactions that wait for each other', () => {
  test('are no circle where one is over that has started something', async () => {
    const cache = opened<number>({});
    const [ended, later] = [new Latch(), new Latch()];
    let inTimer: Promise<number> | undefined;
    let going: Promise<number> | undefined;
    await cache.transaction('a', () => {
      globalThis.setTimeout(() => {
        inTimer = cache.transaction('a', () => 1);
        later.open();
      });
      going = ended.opened.then(async () => cache.transaction('a', () => 2));
    });
    ended.open();
    await later.opened;

    expect(await Promise.all([inTimer, going])).toEqual([1, 2]);
  });

  test.each([2, 3])('in a circle of %i are refused by the one that closes it', async (size) => {
    const caches = Array.from({ length: size }, () => opened<string>({}));
    const inside = caches.map(() => new Latch());
    const runs = caches.map(async (cache, i) =>
      cache.transaction('a', async () => {
        inside[i]?.open();
        await Promise.all(inside.map(async (it) => it.opened));
        const next = caches[(i + 1) % size];
        await next?.transaction('a', (tx) => tx.set('a', `from ${i}`));
      }),
    );
    const outcomes = await Promise.allSettled(runs);

    expect(outcomes.filter(({ status }) => status === 'rejected').length).toBe(1);
    await expect(Promise.all(runs)).rejects.toThrow(deadlock);
    await expect(Promise.all(runs)).rejects.toThrow(/Take the keys in the same order everywhere/);
  });

  test.each([
    ['async', 'async'],
    ['async', 'sync'],
    ['sync', 'sync'],
  ] as const)('in a circle of threads are refused: %s and %s', async (one, other) => {
    const path = newPath();
    const cache = opened<string>({}, path);
    const it = gate();
    const outcomes = await Promise.all([
      jobs.takesTwo.with({ pool })(path, one, 'a', 'b', it),
      jobs.takesTwo.with({ pool })(path, other, 'b', 'a', it),
    ]);

    expect(new Set(outcomes)).toEqual(new Set(['ERR_OFFLOOP_DEADLOCK', 'done']));
    expect(await cache.transaction('a', async () => cache.transaction('b', () => 'free'))).toBe('free');
  });

  test('in a circle of main and a thread are refused', async () => {
    const path = newPath();
    const cache = opened<string>({}, path);
    const it = gate();
    const there = jobs.takesTwo.with({ pool })(path, 'sync', 'a', 'b', it);
    const here = cache.transaction('b', async () => {
      Atomics.add(it, 1, 1);
      Atomics.notify(it, 1);
      await reaches(it, 1, 2);
      return cache.transaction('a', () => 'done');
    });
    const outcomes = await Promise.all([there, here.catch((error: unknown) => (error as { code: string }).code)]);

    expect(new Set(outcomes)).toEqual(new Set(['ERR_OFFLOOP_DEADLOCK', 'done']));
  });

  test('are refused where the inner one is begun by a function that runs in a thread', async () => {
    const path = newPath();
    const cache = opened<string>({}, path);

    await cache.transaction('a', async () => {
      expect(await jobs.transacts.with({ pool })(path, 'a')).toBe('ERR_OFFLOOP_DEADLOCK');
      expect(await jobs.transacts.with({ pool })(path, 'b')).toBe('done');
      expect(await jobs.transactsFar.with({ pool })(path, 'a')).toBe('ERR_OFFLOOP_DEADLOCK');
    });
    expect(await jobs.transactsBack.with({ pool })(path, 'a', async () => cache.transaction('a', () => 'done'))).toBe(
      'ERR_OFFLOOP_DEADLOCK',
    );
    expect(await jobs.transacts.with({ pool })(path, 'a')).toBe('done');
  });

  test('are no circle where one has ended with its thread', async () => {
    const path = newPath();
    const cache = opened<string>({}, path);
    const leaving = new AbortController();
    const it = gate();
    const over = new Latch();
    const holding = cache.transaction('b', async () => over.opened);
    const ended = jobs.waitsInside
      .with({ signal: leaving.signal })(path, 'a', 'b', it)
      .catch(() => undefined);
    await reaches(it, 1, 1);
    leaving.abort();
    await ended;
    over.open();
    await holding;
    // Free once the thread has ended.
    await cache.transaction('a', () => undefined);

    expect(await cache.transaction('b', async () => cache.transaction('a', () => 'free'))).toBe('free');
  });

  test('at random, in any threads, never wait for ever, and lose nothing', { timeout: 120_000 }, async () => {
    const path = newPath();
    const cache = opened<number>({}, path);
    const runs = await Promise.all([
      jobs.nestAtRandom(path, tries(60)),
      jobs.nestAtRandom(path, tries(60)),
      ...[1, 2, 3].map(async () => jobs.nestsAtRandom.with({ pool })(path, tries(60))),
    ]);

    for (const key of [0, 1, 2, 3])
      expect(cache.get(key) ?? 0).toBe(runs.reduce((sum, added) => sum + (added[key] as number), 0));
    expect(runs.flat().reduce((sum, n) => sum + n)).toBeGreaterThan(0);
  });
});
