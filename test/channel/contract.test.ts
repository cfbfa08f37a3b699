/**
 * The contract of every carrier of items: within a thread, from a generator in another thread, in a channel. @module
 */

import { describe, expect, test } from 'vitest';
import { LocalChannel } from '../../src/channel/local-channel.ts';
import type { LocalChannelOptions } from '../../src/channel/local-channel.ts';
import { Channel } from '../../src/sync/channel.ts';
import { count } from '../fixtures/jobs/generators.mjs';
import { putsNumbers } from '../fixtures/jobs/syncing.mjs';
import { gate, reaches } from '../support/gate.ts';
import { take } from '../support/take.ts';

/** The consumer's side, of whatever carries the items. */
interface Items extends AsyncIterableIterator<number> {
  readonly size: number;
  readonly dropped: number;
  snapshot(): number[];
  drain(): number[];
  return(): Promise<IteratorResult<number, unknown>>;
}

interface Opened {
  readonly items: Items;

  /** Resolves once the producer has given all of its items, as far as the bound lets it. */
  ahead(count: number): Promise<void>;

  /** How often the producer was ended. */
  ends(): number;
}

type Bounds = Pick<LocalChannelOptions, 'maxSize' | 'overflow'>;

/** Gives the numbers from 0 up to `to`. */
type Open = (to: number, bounds: Bounds) => Opened;

const withinThread: Open = (to, bounds) => {
  const channel = new LocalChannel<number>(bounds);
  const done = { put: 0, ended: 0 };
  const produce = async (): Promise<void> => {
    try {
      for (let i = 0; i < to; i += 1) {
        const taken = channel.put(i);
        done.put += 1;
        await taken;
      }
      channel.end();
    } catch (error) {
      channel.end(error);
    } finally {
      done.ended += 1;
    }
  };
  void produce();
  return {
    items: channel,
    ends: () => done.ended,
    async ahead(count) {
      while (done.put < count) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

const fromGenerator: Open = (to, bounds) => {
  const it = gate();
  const iterator = count.with(bounds)(to, it).start();
  return {
    items: iterator,
    ends: () => Atomics.load(it, 3),
    async ahead(asked) {
      await reaches(it, 2, asked);
      // The producer has put an item once the next one is there, or once the generator has ended or waits for room.
      while (iterator.size < Math.min(asked, bounds.maxSize)) await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

/** Leaving a channel does not end its producer: the consumer closes it, and further puts are refused. */
const inChannel: Open = (to, bounds) => {
  const it = gate();
  const channel = new Channel<number>(bounds);
  const outcome = putsNumbers(channel, to, it).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const steps = channel[Symbol.asyncIterator]();
  const items: Items = {
    get size() {
      return channel.size;
    },
    get dropped() {
      return channel.dropped;
    },
    snapshot: () => channel.snapshot(),
    drain: () => channel.drain(),
    async next() {
      const step = await steps.next();
      const failure = step.done && (await outcome);
      if (failure && isCode(failure.error, 'ERR_OFFLOOP_OVERFLOW')) throw failure.error;
      return step;
    },
    async return() {
      channel.close();
      channel.drain();
      return steps.return(undefined);
    },
    [Symbol.asyncIterator]: () => items,
  };
  return {
    items,
    ends: () => Atomics.load(it, 3),
    async ahead(asked) {
      await reaches(it, 2, asked);
      while (channel.size < Math.min(asked, bounds.maxSize)) await new Promise((resolve) => setImmediate(resolve));
    },
  };
};

const isCode = (error: unknown, code: string): boolean => (error as { code?: unknown }).code === code;

describe.each([
  ['within a thread', withinThread],
  ['from a generator', fromGenerator],
  ['in a channel', inChannel],
])('items %s', (_, open) => {
  test('come in order, then the end', async () => {
    const { items, ends } = open(1000, { maxSize: 3, overflow: 'block' });

    expect(await take(items)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(await items.next()).toMatchObject({ value: undefined, done: true });
    expect(ends()).toBe(1);
  });

  test('are given to several next() at once in order', async () => {
    const { items } = open(3, { maxSize: 1, overflow: 'block' });
    const steps = await Promise.all([items.next(), items.next(), items.next(), items.next(), items.next()]);

    expect(steps.slice(0, 3).map(({ value }) => value as unknown)).toEqual([0, 1, 2]);
    expect(steps.map(({ done }) => done)).toEqual([false, false, false, true, true]);
  });

  test('wait up to the bound, and can be looked at and taken', async () => {
    const { items, ahead } = open(100, { maxSize: 4, overflow: 'block' });
    await ahead(4);

    expect([items.size, items.snapshot(), items.dropped]).toEqual([4, [0, 1, 2, 3], 0]);
    expect(items.drain().slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect((await items.next()).value).toBeGreaterThanOrEqual(4);
    await items.return();
  });

  test.each([
    ['drop-newest', [0, 1, 2]],
    ['drop-oldest', [7, 8, 9]],
  ] as const)("beyond the bound are dropped with overflow '%s'", async (overflow, left) => {
    const { items, ahead } = open(10, { maxSize: 3, overflow });
    await ahead(10);
    while (items.dropped < 7) await new Promise((resolve) => setImmediate(resolve));

    expect([items.size, items.snapshot()]).toEqual([3, left]);
    expect(await take(items)).toEqual(left);
  });

  test("beyond the bound end them with overflow 'error', after those that had room", async () => {
    const { items, ahead } = open(10, { maxSize: 2, overflow: 'error' });
    await ahead(2);
    const taken: unknown[] = [];
    const taking = async (): Promise<void> => {
      while (items.dropped === 0) await new Promise((resolve) => setImmediate(resolve));
      for await (const item of items) taken.push(item);
    };

    await expect(taking()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_OVERFLOW' });
    expect([taken, items.dropped]).toEqual([[0, 1], 1]);
  });

  test('are over when the consumer leaves, once, and their producer is ended', async () => {
    const { items, ends } = open(1_000_000, { maxSize: 2, overflow: 'block' });
    for await (const item of items) if (item === 5) break;
    while (ends() === 0) await new Promise((resolve) => setImmediate(resolve));
    await items.return();

    expect([ends(), items.size, await items.next()]).toEqual([1, 0, { value: undefined, done: true }]);
  });
});
