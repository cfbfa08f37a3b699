import * as fc from 'fast-check';
import { ThreadPool } from 'offloop';
import { stream } from 'offloop/streams';
import { afterAll, describe, expect, test } from 'vitest';
import { partitionOf } from '../../src/streams/groups/partition-of.ts';
import { apart, isEven, mortal, placed, tenfold } from '../fixtures/jobs/streamed.mjs';
import { items, untilThrown } from '../support/items.ts';
import { later } from '../support/later.ts';
import { recorded } from '../support/source.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const pool = new ThreadPool({ size: 2 });
afterAll(async () => pool.close());

interface Order {
  readonly key: string;
  readonly n: number;
}

/** Two keys that are in different partitions of `partitions`. */
function twoKeys(partitions = 8): [string, string] {
  const names = Array.from({ length: 50 }, (_, i) => `key ${i}`);
  const [first = ''] = names;
  const other = names.find((name) => partitionOf(name, partitions) !== partitionOf(first, partitions));
  return [first, other as string];
}

const turn = async (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

describe('groupBy', () => {
  test('takes a property or a function for the key, plain, async or wrapped', async () => {
    const orders: Order[] = [
      { key: 'a', n: 1 },
      { key: 'b', n: 2 },
    ];

    expect(await stream(orders).groupBy('key').items().toArray()).toEqual([
      ['a', { key: 'a', n: 1 }],
      ['b', { key: 'b', n: 2 }],
    ]);
    const keysOf = async (key: (order: Order) => number | Promise<number>): Promise<number[]> =>
      stream(orders)
        .groupBy(key)
        .items()
        .map(([key]) => key)
        .toArray();
    expect(await keysOf(({ n }) => n)).toEqual([1, 2]);
    expect(await keysOf(async ({ n }) => n)).toEqual([1, 2]);
    expect(await stream([1, 2, 3]).groupBy(isEven.with({ pool })).items().toArray()).toEqual([
      [false, 1],
      [true, 2],
      [false, 3],
    ]);
  });

  test('lets one key wait and others go on', async () => {
    const [slow, fast] = twoKeys();
    const gate = later();
    const results = stream([slow, fast, slow, fast].map((key, n) => ({ key, n })))
      .groupBy('key')
      .tap(async ({ key }) => (key === slow ? gate.promise : undefined))
      .map(({ n }) => n);

    expect([(await results.next()).value, (await results.next()).value]).toEqual([1, 3]);
    expect(results.stats()).toMatchObject({ size: 2 });
    expect(results.stats().partitions.find(({ key }) => key === slow)).toMatchObject({ waiting: 1, done: 0 });
    gate.resolve();
    expect([(await results.next()).value, (await results.next()).value]).toEqual([0, 2]);
    expect((await results.next()).done).toBe(true);
    expect(results.stats()).toMatchObject({ size: 0 });
  });

  test('has at most maxSize items inside: then a slow key holds up the others', async () => {
    const [slow, fast] = twoKeys();
    const gate = later();
    const source = items(Infinity, (n) => ({ key: n % 2 === 0 ? slow : fast, n }));
    const results = stream(source)
      .groupBy('key', { maxSize: 10 })
      .tap(async ({ key }) => (key === slow ? gate.promise : undefined))
      .map(({ n }) => n);
    const taken: number[] = [];
    void (async () => {
      for await (const n of results) if (taken.push(n) > 100) break;
    })();
    for (let i = 0; i < 50; i += 1) await turn();

    expect(taken).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17]);
    expect(source.pulled - taken.length).toBe(10);
    expect(results.stats().size).toBe(10);
    await results.close();
    gate.resolve();
  });

  test('asks for few items ahead where results are there at once', async () => {
    const source = items();
    const results = stream(source).groupBy((n) => n % 100);
    await results.next();

    expect(source.pulled).toBeLessThan(100);
    await results.close();
    expect(source.isClosed).toBe(true);
  });

  test('works on one item of a partition at a time, with plain functions', async () => {
    let inside = 0;
    let most = 0;
    await stream(items(20))
      .groupBy(() => 'same')
      .forEach(async () => {
        most = Math.max(most, (inside += 1));
        await turn();
        inside -= 1;
      });

    expect(most).toBe(1);
  });

  test('filters, flattens, and goes on as any stream', async () => {
    const results = stream(items(10))
      .groupBy((n) => n % 3)
      .filter((n) => n % 2 === 0)
      .flatMap((n) => [n, n])
      .map(async (n) => n + 1)
      .batch(3)
      .flatMap((batch) => batch);

    expect((await results.toArray()).toSorted((a, b) => a - b)).toEqual([1, 1, 3, 3, 5, 5, 7, 7, 9, 9]);
  });

  test('refuses a key that is no text or number, options of its operators, and operators once it has begun', async () => {
    expect(() => stream([1]).groupBy(undefined as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    const grouped = stream([{}]).groupBy((it) => it as never);

    await expect(grouped.next()).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() =>
      stream([1])
        .groupBy('x' as never)
        .map(String, { concurrency: 2 } as never),
    ).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => grouped.map(String)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    for (const partitions of [0, 1e9])
      expect(() => stream([1]).groupBy((n) => n, { partitions })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('ends with the first error, after the results that came before it', async () => {
    const source = recorded(items(100));
    const results = stream(source)
      .groupBy((n) => n)
      .map(async (n) => {
        if (n === 5) throw new Error('five');
        return n;
      });
    const { list, thrown } = await untilThrown(results);

    expect(thrown).toEqual(new Error('five'));
    expect(list).not.toContain(5);
    expect(source.closed).toBe(1);
  });
});

describe('a wrapped function of a grouped stream', () => {
  test('runs in one thread for a key, in order, and in several for several keys', async () => {
    const orders = Array.from({ length: 60 }, (_, n) => ({ key: `key ${n % 7}`, n }));
    const results = await stream(orders).groupBy('key').map(placed.with({ pool })).toArray();

    expect(results).toHaveLength(60);
    for (const key of new Set(orders.map((order) => order.key))) {
      const list = results.filter(([, other]) => other === key);
      expect(new Set(list.map(([thread]) => thread)).size).toBe(1);
      expect(list.map(([, , n]) => n)).toEqual(list.map(([, , n]) => n).toSorted((a, b) => a - b));
    }
    expect(new Set(results.map(([thread]) => thread)).size).toBe(2);
  });

  test('is refused if its pool replaces threads after a number of calls', async () => {
    await using other = new ThreadPool({ size: 1, maxTasksPerThread: 10 });
    const source = items();
    const grouped = stream(source)
      .groupBy((n) => n)
      .map(tenfold.with({ pool: other }));

    await expect(grouped.next()).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(source.pulled).toBe(0);
  });

  test('with threads of its own runs one after the other for a key', async () => {
    expect(await stream([1, 2, 3]).groupBy(() => 1).map(apart).toArray()).toEqual([2, 3, 4]); // prettier-ignore
  });

  test('whose thread dies ends the stream, and closes the source', async () => {
    await using own = new ThreadPool({ size: 2 });
    const source = items();
    const results = stream(source)
      .groupBy((n) => n)
      .map(mortal.with({ pool: own }));

    expect((await untilThrown(results)).thrown).toEqual(coded('ERR_OFFLOOP_WORKER_EXIT'));
    expect(source.isClosed).toBe(true);
  });
});

test(
  'items of a key stay in order, none is lost, and no more are inside than may be',
  { timeout: 60_000 },
  async () => {
    const plan = fc.record({
      keys: fc.array(fc.nat(6), { maxLength: 60 }),
      partitions: fc.integer({ min: 1, max: 4 }),
      maxSize: fc.integer({ min: 1, max: 12 }),
      delays: fc.array(fc.nat(5), { minLength: 1, maxLength: 7 }),
      takes: fc.nat(70),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ keys, partitions, maxSize, delays, takes }) => {
        let taken = 0;
        let most = 0;
        const from = recorded(keys.map((key, n) => ({ key, n })));
        const running = new Map<number, number>();
        const results = stream(from)
          .groupBy('key', { partitions, maxSize })
          .map(async ({ key, n }) => {
            most = Math.max(most, from.given - taken);
            expect(running.has(key)).toBe(false);
            running.set(key, n);
            for (let i = 0; i < (delays[n % delays.length] ?? 0); i += 1) await Promise.resolve();
            running.delete(key);
            return { key, n };
          });
        const list: Order[] | { key: number; n: number }[] = [];
        for await (const item of results) {
          taken += 1;
          (list as { key: number; n: number }[]).push(item);
          if (taken > takes) break;
        }
        if (taken <= takes) expect(list).toHaveLength(keys.length);
        expect(most).toBeLessThanOrEqual(maxSize + 1);
        for (const key of new Set(keys)) {
          const numbers = (list as { key: number; n: number }[]).filter((item) => item.key === key).map(({ n }) => n);
          const all = [...keys.entries()].filter(([, other]) => other === key).map(([n]) => n);
          expect(numbers).toEqual(all.slice(0, numbers.length));
        }
        expect(from.closed + from.ended).toBeGreaterThanOrEqual(from.opened);
      }),
      { numRuns: 300 },
    );
  },
);

test('a key always belongs to the same partition, and keys spread over all', () => {
  const counts = new Map<number, number>();
  for (let n = 0; n < 8000; n += 1) {
    const at = partitionOf(`user ${n}`, 8);
    counts.set(at, (counts.get(at) ?? 0) + 1);
  }

  expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  for (const count of counts.values()) expect(count).toBeGreaterThan(500);
  expect([partitionOf('a', 8), partitionOf(1, 8), partitionOf(-0, 8)]).toEqual([
    partitionOf('a', 8),
    partitionOf(1, 8),
    partitionOf(0, 8),
  ]);
  expect(partitionOf('1', 1000) === partitionOf(1, 1000)).toBe(false);
});
