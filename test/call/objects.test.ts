/** Small objects of brief calls cross as their primitives; nobody can tell. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { echo, where } from '../fixtures/jobs/basics.mjs';
import { tries } from '../support/full.ts';

/** Objects of several shapes, and some that have to go another way. */
const kinds: readonly ((i: number) => unknown)[] = [
  (i) => ({ id: i, name: `item ${i}`, tags: ['red', 'new'], at: { x: i / 2, y: -0 } }),
  (i) => ({ id: i, name: 'ä€😀\ud800' }),
  (i) => [i, [undefined, null, 7n]],
  (i) => i,
  (i) => ({ id: i, when: new Date(i) }),
  (i) => ({ id: i, [`key ${i}`]: true }),
  (i) => new Map([[i, { id: i }]]),
  (i) => ({ id: i, list: Array.from({ length: i % 90 }, (_, n) => n) }),
];

describe('objects of brief calls', () => {
  test.each([
    ['one shape', [0]],
    ['several shapes, one after the other', [0, 1, 2, 3]],
    ['shapes and what has none', [0, 4, 1, 5, 2, 6, 3, 7]],
    ['more shapes than are learnt', [5, 7]],
  ])('come back as they were, of %s', async (_, chosen) => {
    await using pool = new ThreadPool({ size: 2 });
    const call = echo.with({ pool });
    const values = Array.from({ length: tries(6000) }, (_, i) => kinds[chosen[i % chosen.length] as number]?.(i));
    for (let i = 0; i < 50; i += 1) await call(0);

    const results = await Promise.all(values.map(async (value) => call(value, value === 3)));
    expect(results).toStrictEqual(values.map((value) => [value, value === 3]));
  });

  test('are taken as they are when the call is made', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const call = echo.with({ pool });
    const item = { n: 0, inner: { n: 0 } };
    for (let i = 0; i < 50; i += 1) await call(item);
    const results = Array.from({ length: 1000 }, async (_, i) => {
      item.n = i;
      item.inner.n = -i;
      return call(item);
    });

    expect(await Promise.all(results)).toEqual(results.map((_, n) => [{ n, inner: { n: -n } }]));
  });

  test('of one call are one object where they are the same, and else never', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const call = echo.with({ pool });
    const item = { n: 1 };
    for (let i = 0; i < 50; i += 1) await call({ n: i }, { n: i });
    const [twice, others] = await Promise.all([call(item, item), call(item, { ...item })]);

    expect(twice[0]).toBe(twice[1]);
    expect(others[0]).not.toBe(others[1]);
    expect(others).toEqual([item, item]);
  });

  test('are sent again if the thread had not begun with them', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const call = echo.with({ pool });
    for (let i = 0; i < 50; i += 1) await call({ n: i });
    const before = await where.with({ pool })();
    const calls = Array.from({ length: 200 }, async (_, n) => call({ n }));
    // Urgent: those that were sent and not started are taken back, and are sent again.
    const urgent = where.with({ pool, priority: 1 })();

    expect(await Promise.all(calls)).toEqual(calls.map((_, n) => [{ n }]));
    expect(await urgent).toBe(before);
  });

  test('arrive with a call that cannot travel with others', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const call = echo.with({ pool });
    for (let i = 0; i < 50; i += 1) await call({ n: i });
    const limited = echo.with({ pool, timeout: 30_000 });

    expect(await limited({ n: 1 })).toEqual([{ n: 1 }]);
    expect(await Promise.all([call({ n: 2 }), limited({ n: 3 }), call({ n: 4 })])).toEqual([
      [{ n: 2 }],
      [{ n: 3 }],
      [{ n: 4 }],
    ]);
  });
});
