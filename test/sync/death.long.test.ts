/** Threads that end while they hold, put or take: nothing stays held, and nobody waits for ever. @module */

import { setTimeout } from 'node:timers/promises';
import { Channel, Event, Lock, Semaphore, ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { Permits, recoverPermits, Word, wordCount } from '../../src/sync/permits.ts';
import { gate, reaches } from '../support/gate.ts';
import { all } from '../support/items.ts';

const survivors = new ThreadPool({ size: 2 });
afterAll(async () => survivors.close());

const abandoned = expect.objectContaining({ name: 'OffloopError', code: 'ERR_OFFLOOP_ABANDONED' }) as Error;

/** Starts `jobs` in threads of their own; terminates those when `isTime`, and waits for their end. */
async function kill(
  start: (pool: ThreadPool, it: Int32Array) => Promise<unknown>[],
  isTime: (it: Int32Array) => Promise<unknown>,
): Promise<void> {
  const pool = new ThreadPool({ size: 2 });
  const it = gate();
  const ended = Promise.allSettled(start(pool, it));
  await isTime(it);
  await pool.terminate();
  await ended;
}

describe('a thread that ends while it holds a lock', () => {
  const holdAndDie = async (lock: Lock): Promise<void> =>
    kill(
      (pool, it) => [jobs.holds.with({ pool })(lock, it)],
      async (it) => reaches(it, 1, 1),
    );

  test('leaves it free, and the next to acquire it is told, once', async () => {
    const lock = new Lock();
    await holdAndDie(lock);
    await expect(lock.acquireAsync()).rejects.toThrow(abandoned);
    (await lock.acquireAsync())[Symbol.dispose]();

    await holdAndDie(lock);
    expect(() => lock.tryAcquire()).toThrow(abandoned);
    lock.tryAcquire()?.[Symbol.dispose]();

    await holdAndDie(lock);
    expect(await jobs.persists.with({ pool: survivors })(lock, 3)).toBe(1);
    expect(lock.isHeld).toBe(false);
  });

  test('wakes those who wait, of whom one is told', async () => {
    const lock = new Lock();
    let waiting: Promise<unknown>[] = [];
    await kill(
      (pool, it) => [jobs.holds.with({ pool })(lock, it)],
      async (it) => {
        await reaches(it, 1, 1);
        waiting = [
          lock.acquireAsync().then((pass) => pass[Symbol.dispose]()),
          jobs.acquires.with({ pool: survivors })(lock, it),
          jobs.acquires.with({ pool: survivors })(lock, it),
        ];
        await reaches(it, 1, 3);
      },
    );

    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: abandoned });
  });
});

describe('a thread that ends while it holds permits', () => {
  test('gives them back, and the next to acquire is told, once', async () => {
    const semaphore = new Semaphore(3);
    await kill(
      (pool, it) => [jobs.holds.with({ pool })(semaphore, it), jobs.holds.with({ pool })(semaphore, it)],
      async (it) => reaches(it, 1, 2),
    );

    expect(semaphore.value).toBe(3);
    await expect(semaphore.acquireAsync()).rejects.toThrow(abandoned);
    expect(await jobs.persists.with({ pool: survivors })(semaphore, 5)).toBe(0);
    expect(semaphore.value).toBe(3);
  });

  test('of others does not give those back', async () => {
    const semaphore = new Semaphore(2);
    const pass = semaphore.tryAcquire();
    await kill(
      (pool, it) => [jobs.holds.with({ pool })(semaphore, it)],
      async (it) => reaches(it, 1, 1),
    );

    expect(semaphore.value).toBe(1);
    pass?.[Symbol.dispose]();
    expect(semaphore.value).toBe(2);
  });

  test('is recovered once, however often that is tried', () => {
    const words = new Int32Array(wordCount);
    const [first, last] = [Word.records, Word.records + 1];
    words[Word.count] = 9;
    words[Word.top] = 2;
    words[Word.lock] = 8;
    words[first] = (8 << 12) | 3;
    words[last] = (9 << 12) | 1;
    expect(new Permits(words).free).toBe(5);

    for (let i = 0; i < 3; i += 1) recoverPermits(words, 7);
    expect([new Permits(words).free, words[Word.lock], words[first], words[last]]).toEqual([8, 0, 0, (9 << 12) | 1]);
  });
});

describe('threads that are terminated at any time', () => {
  test.each([
    ['a lock', new Lock()],
    ['a semaphore', new Semaphore(2)],
  ])('leave %s to others', async (_, it) => {
    for (let round = 0; round < 5; round += 1) {
      const persisting = jobs.persists.with({ pool: survivors })(it, 20_000);
      await kill(
        (pool, gate) => [0, 1].map(async () => jobs.endless.with({ pool })(it, gate)),
        async (gate) => {
          await reaches(gate, 1, 2);
          await setTimeout(round);
        },
      );
      await persisting;
    }

    // The next call may throw once, because of the thread that died.
    await jobs.persists.with({ pool: survivors })(it, 1);
    expect(it instanceof Lock ? it.isHeld : it.value).toBe(it instanceof Lock ? false : 2);
  });

  test('while they put leave the channel whole', async () => {
    const channel = new Channel({ maxSize: 50 });
    const taking = all(channel);
    for (let round = 0; round < 5; round += 1) {
      await kill(
        (pool, it) => [0, 1].map(async () => jobs.endless.with({ pool })(channel, it)),
        async (it) => {
          await reaches(it, 1, 2);
          await setTimeout(round);
        },
      );
      await jobs.puts.with({ pool: survivors })(channel, [round]);
    }
    channel.close();

    const items = await taking;
    expect(items.filter((item) => typeof item === 'number')).toEqual([0, 1, 2, 3, 4]);
    const puts = items.filter((item) => Array.isArray(item)) as [number, string][];
    expect(puts.length).toBe(items.length - 5);
    expect(puts.every(([i, text]) => text.length === i % 3000)).toBe(true);
  });

  test('while they put leave the channel whole where they drop the oldest', async () => {
    const channel = new Channel<[number, string]>({ maxSize: 5, maxBytes: 2 ** 16, overflow: 'drop-oldest' });
    for (let round = 0; round < 6; round += 1) {
      const isLast = round === 5;
      await kill(
        (pool, it) => [0, 1].map(async () => jobs.endless.with({ pool })(channel, it)),
        async (it) => {
          await reaches(it, 1, 2);
          for (let turns = 0; turns < 20; turns += 1) {
            for (const [i, text] of turns % 2 ? channel.drain() : channel.snapshot()) {
              expect(text.length).toBe(i % 3000);
            }
            await setTimeout(round === turns ? 1 : 0);
          }
        },
      );
      await jobs.puts.with({ pool: survivors })(channel, [[round, 'x'.repeat(round)]]);
      expect(channel.size).toBeLessThanOrEqual(5);
      if (isLast) channel.close();
    }

    expect((await all(channel)).at(-1)).toEqual([5, 'xxxxx']);
  });

  test('while they take leave the rest to the next where others drop the oldest', async () => {
    const channel = new Channel<number>({ maxSize: 50, overflow: 'drop-oldest' });
    const putting = jobs.floods.with({ pool: survivors })(channel, 0, 200_000);
    for (let round = 0; round < 4; round += 1) {
      await kill(
        (pool, it) => [jobs.swallows.with({ pool })(channel, it)],
        async (it) => {
          await reaches(it, 1, 1);
          await setTimeout(round);
        },
      );
    }
    await putting;
    expect(channel.tryPut(Infinity)).toBe(true);
    channel.close();

    const items = await all(channel);
    expect(items.every((item, i) => i === 0 || item > (items[i - 1] as number))).toBe(true);
    expect(items.at(-1)).toBe(Infinity);
  });

  test('while they take leave the rest to the next', async () => {
    const channel = new Channel<number>({ maxSize: 50 });
    const putting = jobs.floods.with({ pool: survivors })(channel, 0, 100_000);
    for (let round = 0; round < 4; round += 1) {
      await kill(
        (pool, it) => [jobs.swallows.with({ pool })(channel, it)],
        async (it) => {
          await reaches(it, 1, 1);
          await setTimeout(2 * round);
        },
      );
    }
    void putting.then(() => channel.close());

    const items = await all(channel);
    await putting;
    expect(items.map((item) => item - (items[0] as number))).toEqual(items.map((_, i) => i * 8));
    expect(items.at(-1)).toBe(99_999 * 8);
  });

  test('while they wait, blocking or not, are no longer waited for', async () => {
    const event = new Event();
    for (const job of [jobs.waits, jobs.waitsAsync]) {
      await kill(
        (pool, it) => [0, 1].map(async () => job.with({ pool })(event, it)),
        async (it) => reaches(it, 1, 2),
      );
    }
    const waiting = event.waitAsync();
    event.set();

    await waiting;
  });
});
