/** Random producers, sizes, values, waits and closes: nothing lost, nothing twice, nothing out of order. @module */

import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { Channel, ThreadPool } from 'offloop';
import { afterAll, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { tries } from '../support/full.ts';
import { all } from '../support/items.ts';

const pool = new ThreadPool({ size: 4 });
afterAll(async () => pool.close());

const own = { noNullPrototype: true };
const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(size & 255);

const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(fc.double(), fc.boolean(), fc.constantFrom(null, undefined), fc.bigInt()) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(60_000).map((length) => 'ž'.repeat(length)) },
  { weight: 1, arbitrary: fc.nat(200_000).map(bytes) },
  { weight: 1, arbitrary: fc.nat(1000).map((size) => Buffer.from(bytes(size))) },
  {
    weight: 2,
    arbitrary: fc.record({ at: fc.date(), list: fc.array(fc.nat()), url: fc.constant(new URL('a:b')) }, own),
  },
  { weight: 2, arbitrary: fc.jsonValue() },
);

const maxSize = fc.constantFrom(1, 2, 3, 16, 1024, Infinity);

test('in one thread a channel is a queue', async () => {
  const step = fc.oneof(fc.record({ put: value }), fc.record({ get: fc.nat(3) }));
  await fc.assert(
    fc.asyncProperty(maxSize, fc.array(step, { maxLength: 120 }), async (maxSize, steps) => {
      const channel = new Channel({ maxSize });
      const queue: unknown[] = [];
      const compare = async (): Promise<void> => expect(await channel.get()).toStrictEqual(queue.shift());
      for (const it of steps) {
        if ('get' in it) for (let i = 0; i < it.get && queue.length > 0; i += 1) await compare();
        else if (channel.tryPut(it.put)) queue.push(it.put);
        else expect(queue.length).toBe(maxSize);
        expect(channel.size).toBe(queue.length);
      }
      channel.close();
      expect(await all(channel)).toStrictEqual(queue);
    }),
    { numRuns: tries(80) },
  );
});

const plan = fc.record({
  maxSize,
  // Four times the size of the largest item.
  maxBytes: fc.constantFrom(undefined, 2 ** 20),
  producers: fc.array(fc.array(value, { maxLength: 60 }), { minLength: 1, maxLength: 3 }),
  own: fc.array(value, { maxLength: 30 }),
  consumer: fc.constantFrom('here', 'blocking', 'awaiting'),
  pauses: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
  closesAfter: fc.option(fc.nat(60), { nil: undefined }),
});

/** The items of producer `who`: each holds the producer and its number. */
const marked = (values: readonly unknown[], who: number): [number, number, unknown][] =>
  values.map((value, n) => [who, n, value]);

const isClosed = (error: { code?: string }): string => {
  if (error.code !== 'ERR_OFFLOOP_CLOSED') throw error as Error;
  return 'closed';
};

test('between threads a channel keeps its promises', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ maxSize, maxBytes, producers, own, consumer, pauses, closesAfter }) => {
      const channel = new Channel<[number, number, unknown]>({ maxSize, maxBytes });
      const scripts = [...producers, own].map(marked);
      const taking = {
        here: async () => take(channel, pauses, closesAfter),
        blocking: async () => jobs.collects.with({ pool })(channel),
        awaiting: async () => jobs.collectsAwaiting.with({ pool })(channel),
      }[consumer]();
      const putting = scripts.slice(0, -1).map(async (it) => jobs.puts.with({ pool })(channel, it).catch(isClosed));
      const mine = putAll(channel, scripts.at(-1) ?? []).catch(isClosed);
      const ends = await Promise.all([...putting, mine]);
      channel.close();
      const items = await taking;

      for (const [who, script] of scripts.entries()) {
        const his = items.filter(([of]: [number, number, unknown]) => of === who);
        expect(his).toStrictEqual(ends[who] === 'closed' ? script.slice(0, his.length) : script);
      }
      expect([channel.size, channel.closed]).toEqual([0, true]);
    }),
    { numRuns: tries(30) },
  );
});

async function putAll<T>(channel: Channel<T>, items: readonly T[]): Promise<void> {
  for (const item of items) await channel.putAsync(item);
}

/** Takes all items, with pauses; after a number of items, closes the channel and takes the remaining ones. */
async function take<T>(channel: Channel<T>, pauses: readonly number[], closesAfter = Infinity): Promise<T[]> {
  const items: T[] = [];
  for await (const item of channel) {
    items.push(item);
    for (let i = pauses[items.length % pauses.length] as number; i > 0; i -= 1) await setImmediate();
    if (items.length === closesAfter) channel.close();
  }
  return items;
}
