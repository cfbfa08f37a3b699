/** A function called for every item, a bounded number at a time. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add } from '../fixtures/jobs/basics.mjs';
import { held, twice } from '../fixtures/jobs/mapped.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { all, items, untilThrown } from '../support/items.ts';

describe('map', () => {
  test.each([1, 2, 7, 100])('gives the results in the order of the items, with a concurrency of %i', async (n) => {
    await using pool = new ThreadPool({ size: 2 });
    const expected = Array.from({ length: 50 }, (_, i) => 2 * i);

    expect(await all(pool.map(items(50), twice, { concurrency: n }))).toEqual(expected);
    expect(await all(pool.map(items(50).later(), twice, { concurrency: n }))).toEqual(expected);
    expect(await all(pool.map([], twice, { concurrency: n }))).toEqual([]);
  });

  test('gives them in order even if later calls are done first', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const [first, rest] = [gate(), gate()];
    open(rest);
    const results = all(
      pool.map(
        [0, 1, 2].map((n) => [n, n === 0 ? first : rest] as [number, Int32Array]),
        held,
      ),
    );
    await reaches(rest, 1, 2);
    open(first);

    expect(await results).toEqual([0, 1, 2]);
  });

  test('pulls nothing before the first result is asked for', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const source = items(10);
    const results = pool.map(source, twice);
    await add.with({ pool })(1);
    expect(source.pulled).toBe(0);

    expect(await results.next()).toEqual({ done: false, value: 0 });
  });

  test.each([1, 3, 8])('pulls at most %i items whose results were not yet taken', async (concurrency) => {
    await using pool = new ThreadPool({ size: 2 });
    const source = items(30);
    let taken = 0;
    for await (const _ of pool.map(source, twice, { concurrency })) {
      taken += 1;
      expect(source.pulled - taken).toBeLessThan(concurrency);
      await add.with({ pool })(1);
      expect(source.pulled - taken).toBeLessThan(concurrency);
    }

    expect([taken, source.isClosed]).toEqual([30, true]);
  });

  test("pulls twice the pool's size by default", async () => {
    await using pool = new ThreadPool({ size: 3 });
    const source = items();
    for await (const _ of pool.map(source, twice)) break;

    expect(source.pulled).toBe(6);
  });
});

describe('map whose items or calls throw', () => {
  test('throws what a call throws, after the results before it', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const source = items(10, (n) => (n === 3 ? -1 : n));
    const { list, thrown } = await untilThrown(pool.map(source, twice, { concurrency: 5 }));

    expect(list).toEqual([0, 2, 4]);
    expect(thrown).toMatchObject({ name: 'RangeError', message: 'cannot take -1' });
    expect(source.isClosed).toBe(true);
  });

  test.each(['at once', 'later'])('throws what the items throw %s, after the results before it', async (when) => {
    await using pool = new ThreadPool({ size: 2 });
    const source = items(10, (n) => {
      if (n === 3) throw new Error('no more');
      return n;
    });
    const given = when === 'later' ? source.later() : source;
    const { list, thrown } = await untilThrown(pool.map(given, twice, { concurrency: 8 }));

    expect(list).toEqual([0, 2, 4]);
    expect(thrown).toMatchObject({ message: 'no more' });
  });

  test('throws the failure that comes first in the order of the items', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const source = items(10, (n) => {
      if (n === 4) throw new Error('no more');
      return n === 2 ? -1 : n;
    });
    const { list, thrown } = await untilThrown(pool.map(source, twice, { concurrency: 8 }));

    expect(list).toEqual([0, 2]);
    expect(thrown).toMatchObject({ name: 'RangeError' });
  });
});

describe('map that cannot be', () => {
  test.each([twice.syncCall, (n: number) => n, undefined, 'x'])('is refused with %s', async (fn) => {
    await using pool = new ThreadPool({ size: 1 });

    expect(() => pool.map([1], fn as never)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });

  test.each([{ concurrency: 0 }, { concurrency: 1.5 }, { concurrency: Infinity }, { concurency: 1 }, { signal: 1 }])(
    'is refused with %j',
    async (options) => {
      await using pool = new ThreadPool({ size: 1 });

      expect(() => pool.map([1], twice, options as object)).toThrow(
        expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }),
      );
    },
  );

  test('throws once the pool is closed, and closes the items', async () => {
    const pool = new ThreadPool({ size: 1 });
    await pool.close();
    const source = items(3);
    const { list, thrown } = await untilThrown(pool.map(source, twice));

    expect(list).toEqual([]);
    expect(thrown).toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
  });
});
