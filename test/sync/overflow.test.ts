/** Channels that need not make their producers wait for room, and what waits in them. @module */

import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { Channel, fromThread, sendable, ThreadPool, toThread } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { tries } from '../support/full.ts';
import { gate, reaches } from '../support/gate.ts';
import { all } from '../support/items.ts';

const pool = new ThreadPool({ size: 4 });
afterAll(async () => pool.close());

const coded = (code: string): Error => expect.objectContaining({ name: 'OffloopError', code }) as Error;
const overflown = coded('ERR_OFFLOOP_OVERFLOW');
const KiB = 1024;

describe('a channel that drops the oldest', () => {
  test('has the newest, in their order, and counts what it dropped', async () => {
    const channel = new Channel<number>({ maxSize: 3, overflow: 'drop-oldest' });
    for (let i = 0; i < 4; i += 1) expect(channel.tryPut(i)).toBe(true);
    await channel.putAsync(4);
    expect(await jobs.code.with({ pool })(channel, 'put', 5)).toBe('none');

    expect([channel.size, channel.dropped, channel.overflow]).toEqual([3, 3, 'drop-oldest']);
    expect(inspect(channel)).toBe(
      "Channel {\n  size: 3,\n  maxSize: 3,\n  closed: false,\n  overflow: 'drop-oldest',\n  dropped: 3\n}",
    );
    channel.close();
    expect(await all(channel)).toEqual([3, 4, 5]);
    expect(channel.dropped).toBe(3);
  });

  test('drops as many as a large one needs, and no more', () => {
    const channel = new Channel<Uint8Array>({ maxSize: Infinity, maxBytes: 64 * KiB, overflow: 'drop-oldest' });
    for (let i = 0; i < 200; i += 1) expect(channel.tryPut(new Uint8Array(KiB).fill(i))).toBe(true);

    const left = channel.snapshot();
    expect(channel.dropped).toBe(200 - left.length);
    expect(left.length).toBeGreaterThan(20);
    expect(left.map((item) => item[0])).toEqual(left.map((_, i) => 200 - left.length + i));
  });

  test('drops nothing for what would find no room alone', () => {
    const channel = new Channel({ maxBytes: 64 * KiB, overflow: 'drop-oldest' });
    for (let i = 0; i < 10; i += 1) channel.tryPut(i);

    expect(() => channel.tryPut(new Uint8Array(64 * KiB))).toThrow(overflown);
    expect(() => channel.tryPut(new Uint8Array(63 * KiB))).toThrow(overflown);
    expect([channel.size, channel.dropped]).toEqual([10, 0]);
  });

  test('wakes the consumer that waits', async () => {
    const channel = new Channel<number>({ maxSize: 1, overflow: 'drop-oldest' });
    const getting = [channel.get(), jobs.puts.with({ pool })(channel, [1])];

    expect(await Promise.all(getting)).toEqual([1, undefined]);
  });

  test.each(['here', 'in a thread'])('gives a consumer %s each item whole, once and in order', async (where) => {
    const channel = new Channel<[number, string]>({ maxSize: 8, maxBytes: 128 * KiB, overflow: 'drop-oldest' });
    const it = gate();
    const flooding = [0, 1].map(async (who) => jobs.floodsText.with({ pool })(channel, who, 20_000, it));
    const taking = where === 'here' ? all(channel) : jobs.collects.with({ pool })(channel);
    void Promise.all(flooding).then(() => channel.close());
    const items = (await taking) as [number, string][];
    await Promise.all(flooding);

    for (const who of [0, 1]) {
      const numbers = items.map(([n]) => n).filter((n) => n % 8 === who);
      expect(numbers.every((n, i) => i === 0 || n > (numbers[i - 1] as number))).toBe(true);
    }
    expect(items.every(([n, text]) => text === jobs.textOf(n))).toBe(true);
    expect(items.length + channel.dropped).toBe(40_000);
  });
});

describe('a channel that drops the newest', () => {
  test('keeps what waits, drops what does not fit, and counts that', async () => {
    const channel = new Channel<number>({ maxSize: 2, overflow: 'drop-newest' });
    expect([channel.tryPut(0), channel.tryPut(1), channel.tryPut(2)]).toEqual([true, true, false]);
    await channel.putAsync(3);
    expect(await jobs.code.with({ pool })(channel, 'put', 4)).toBe('none');

    expect([channel.dropped, channel.snapshot()]).toEqual([3, [0, 1]]);
    expect(await channel.get()).toBe(0);
    await channel.putAsync(5);
    channel.close();
    expect(await all(channel)).toEqual([1, 5]);
    await expect(channel.putAsync(6)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    expect(channel.dropped).toBe(3);
  });

  test('does so where memory ends, but refuses what would find no room alone', () => {
    const channel = new Channel<Uint8Array>({ maxBytes: 64 * KiB, overflow: 'drop-newest' });
    const large = new Uint8Array(16 * KiB);
    while (channel.tryPut(large));

    expect([channel.dropped, channel.size > 1]).toEqual([1, true]);
    expect(() => channel.tryPut(new Uint8Array(64 * KiB))).toThrow(overflown);
    expect(channel.dropped).toBe(1);
  });
});

describe('a channel whose overflow is an error', () => {
  test('refuses what does not fit, and goes on', async () => {
    const channel = new Channel<number>({ maxSize: 1, overflow: 'error' });
    channel.tryPut(1);

    expect(() => channel.tryPut(2)).toThrow(overflown);
    await expect(channel.putAsync(3)).rejects.toThrow(overflown);
    expect(await jobs.code.with({ pool })(channel, 'put', 4)).toBe('ERR_OFFLOOP_OVERFLOW');
    expect([channel.dropped, await channel.get(), channel.tryPut(5), await channel.get()]).toEqual([3, 1, true, 5]);
  });

  test('refuses what memory has no room for', () => {
    const channel = new Channel<Uint8Array>({ maxBytes: 64 * KiB, overflow: 'error' });
    const fill = (): void => {
      while (channel.tryPut(new Uint8Array(16 * KiB)));
    };

    expect(fill).toThrow(overflown);
    expect(channel.size).toBeGreaterThan(1);
  });
});

test.each(['block', 'nothing', 1, null])('an overflow of %o is what it says, or refused', (overflow) => {
  const make = (): string => new Channel({ overflow: overflow as 'block' }).overflow;
  if (overflow === 'block') expect(make()).toBe('block');
  else expect(make).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }));
});

class Fragile {
  readonly isWhole: boolean;
  constructor(isWhole: boolean) {
    this.isWhole = isWhole;
  }
  [toThread](): boolean {
    return this.isWhole;
  }
  static [fromThread](isWhole: boolean): Fragile {
    if (!isWhole) throw new Error('broken on the way');
    return new Fragile(isWhole);
  }
}
sendable(Fragile);

describe('what waits in a channel', () => {
  test('is seen from any thread, and stays', async () => {
    const channel = new Channel();
    const items = [1, 'two', { three: [3] }, undefined, new Map([[4, new Date(4)]]), new Uint8Array(70_000).fill(5)];
    for (const item of items) channel.tryPut(item);

    expect(channel.snapshot()).toStrictEqual(items);
    expect(await jobs.calls.with({ pool })(channel, 'snapshot')).toStrictEqual(items);
    expect(channel.size).toBe(items.length);
    await channel.get();
    channel.close();
    expect(channel.snapshot()).toStrictEqual(items.slice(1));
    expect(channel.drain()).toStrictEqual(items.slice(1));
    expect([channel.snapshot(), channel.drain(), channel.size]).toEqual([[], [], 0]);
  });

  test('is taken at once, by one consumer at a time', async () => {
    const channel = new Channel<number>();
    for (let i = 0; i < 5; i += 1) channel.tryPut(i);
    expect(await jobs.calls.with({ pool })(channel, 'drain')).toEqual([0, 1, 2, 3, 4]);

    const getting = channel.get();
    expect(await jobs.code.with({ pool })(channel, 'drain')).toBe('ERR_OFFLOOP_BUSY');
    channel.tryPut(5);
    channel.tryPut(6);
    expect(channel.drain()).toEqual([6]);
    expect(await getting).toBe(5);
  });

  test('makes room for producers that wait as it is taken', async () => {
    const channel = new Channel<number>({ maxSize: 2 });
    const putting = jobs.puts.with({ pool })(channel, [0, 1, 2, 3, 4, 5, 6]);
    const taken: number[] = [];
    while (taken.length < 7) {
      taken.push(...channel.drain());
      await new Promise(setImmediate);
    }

    await putting;
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('is given before the error of one that cannot be revived', async () => {
    const channel = new Channel();
    for (const item of [1, new Fragile(true), new Fragile(false), 2]) channel.tryPut(item);

    expect(channel.drain()).toEqual([1, new Fragile(true)]);
    await expect(channel.get()).rejects.toThrow('broken on the way');
    expect(channel.drain()).toEqual([2]);

    for (const item of [3, new Fragile(false)]) channel.tryPut(item);
    expect(channel.drain()).toEqual([3]);
    expect(() => channel.drain()).toThrow('broken on the way');
    expect(channel.drain()).toEqual([]);
  });

  test.each(['block', 'drop-oldest'] as const)(
    'is never seen half, or out of order, while others put and take: %s',
    async (overflow) => {
      const channel = new Channel<[number, string]>({ maxSize: 16, maxBytes: 128 * KiB, overflow });
      const it = gate();
      const collecting = jobs.tallies.with({ pool })(channel);
      const flooding = [0, 1].map(async (who) => jobs.floodsText.with({ pool })(channel, who, 15_000, it));
      void Promise.all(flooding).then(() => channel.close());
      await reaches(it, 1, 2);
      while (!channel.closed) {
        for (let i = 0; i < 50; i += 1) {
          const items = channel.snapshot();
          expect(items.length).toBeLessThanOrEqual(16);
          for (const [n, text] of items) if (text !== jobs.textOf(n)) throw new Error(`half: ${n}`);
          for (const who of [0, 1]) {
            const his = items.map(([n]) => n).filter((n) => n % 8 === who);
            if (his.some((n, at) => at > 0 && n <= (his[at - 1] as number))) throw new Error(`order: ${his.join()}`);
          }
        }
        await new Promise(setImmediate);
      }

      expect(await collecting).toBe(30_000 - channel.dropped);
    },
  );
});

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ put: fc.nat(2), size: fc.oneof(fc.constant(0), fc.nat(9000)) }) },
  { weight: 2, arbitrary: fc.record({ get: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.constantFrom('drain' as const, 'snapshot' as const) },
);

test('whatever the overflow, a channel has what a queue would have', async () => {
  const overflows = fc.constantFrom('block', 'error', 'drop-oldest', 'drop-newest');
  await fc.assert(
    fc.asyncProperty(
      overflows,
      fc.constantFrom(1, 2, 7, Infinity),
      fc.array(step, { maxLength: 100 }),
      async (overflow, maxSize, steps) => {
        const channel = new Channel<[number, number, string]>({ maxSize, maxBytes: 64 * KiB, overflow });
        const queue: [number, number, string][] = [];
        let [number, dropped] = [0, 0];
        const put = (item: [number, number, string]): void => {
          const outcome = outcomeOf(() => channel.tryPut(item));
          const { size } = channel;
          if (outcome === true) queue.push(item);
          else if (overflow !== 'block') dropped += 1;
          expect(outcome).toBe(outcome === true || overflow !== 'error' ? outcome : 'ERR_OFFLOOP_OVERFLOW');
          if (overflow === 'drop-oldest') {
            expect(outcome).toBe(true);
            dropped += queue.splice(0, queue.length - size).length;
          }
          if (outcome !== true && maxSize === Infinity) expect(size).toBeGreaterThan(0);
          if (outcome === true && maxSize === 1) expect(size).toBe(1);
        };
        for (const it of steps) {
          if (it === 'drain') expect(channel.drain()).toStrictEqual(queue.splice(0));
          else if (it === 'snapshot') expect(channel.snapshot()).toStrictEqual(queue);
          else if ('put' in it) put([it.put, number++, 'x'.repeat(it.size)]);
          else
            for (let i = 0; i < it.get && queue.length > 0; i += 1) expect(await channel.get()).toEqual(queue.shift());
          expect([channel.size, channel.dropped]).toEqual([queue.length, dropped]);
          expect(channel.size).toBeLessThanOrEqual(maxSize);
        }
        channel.close();
        expect(await all(channel)).toStrictEqual(queue);
      },
    ),
    { numRuns: tries(120) },
  );
});

const plan = fc.record({
  overflow: fc.constantFrom('block' as const, 'error' as const, 'drop-oldest' as const, 'drop-newest' as const),
  maxSize: fc.constantFrom(1, 3, 10),
  maxBytes: fc.constantFrom(undefined, 64 * KiB),
  producers: fc.array(
    fc.array(fc.record({ size: fc.oneof(fc.constant(3), fc.nat(12_000)), pause: fc.nat(2) }), { maxLength: 40 }),
    { minLength: 2, maxLength: 4 },
  ),
  pauses: fc.array(fc.nat(4), { minLength: 1, maxLength: 5 }),
  drains: fc.boolean(),
});

test('whatever the overflow, what several producers put is given or counted, in the order of each', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ overflow, maxSize, maxBytes, producers, pauses, drains }) => {
      const channel = new Channel<[number, number, string]>({ maxSize, maxBytes, overflow });
      let refused = 0;
      const puts = producers.map(async (script, who) => {
        for (const [n, { size, pause }] of script.entries()) {
          await turns(pause);
          await channel.putAsync([who, n, 'x'.repeat(size)]).catch((error: { code?: string }) => {
            if (error.code !== 'ERR_OFFLOOP_OVERFLOW') throw error as Error;
            refused += 1;
          });
        }
      });
      const closing = Promise.all(puts).then(() => channel.close());
      const items: [number, number, string][] = [];
      for await (const item of channel) {
        items.push(item, ...(drains ? channel.drain() : []));
        await turns(pauses[items.length % pauses.length] as number);
      }
      await closing;

      for (const [who, script] of producers.entries()) {
        const his = items.filter(([of]) => of === who);
        expect(his.every(([, n], i) => i === 0 || n > (his[i - 1]?.[1] as number))).toBe(true);
        expect(his.every(([, n, text]) => text.length === script[n]?.size)).toBe(true);
      }
      expect(items.length + channel.dropped).toBe(producers.flat().length);
      if (overflow === 'block') expect(items.length).toBe(producers.flat().length);
      expect(refused).toBe(overflow === 'error' ? channel.dropped : 0);
    }),
    { numRuns: tries(60) },
  );
});

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

function outcomeOf(action: () => boolean): unknown {
  try {
    return action();
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
