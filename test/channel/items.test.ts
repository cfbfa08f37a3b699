/** An iterator gives every item, as it was, in order, and then the end. @module */

import { threadId } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/generators.mjs';
import { gate, open } from '../support/gate.ts';
import { take, takeToEnd } from '../support/take.ts';

describe('an iterator', () => {
  test('gives the items in order, then what the generator returns, then nothing', async () => {
    const it = jobs.count(3);

    expect([await it.next(), await it.next(), await it.next()]).toEqual(
      [0, 1, 2].map((value) => ({ value, done: false })),
    );
    expect(await it.next()).toEqual({ value: 'done', done: true });
    expect(await it.next()).toEqual({ value: undefined, done: true });
    expect(it.closed).toBe(true);
  });

  test.each([0, 1, 2, 3, 1024, Infinity])('with maxSize %d gives 5,000 items in order', async (maxSize) => {
    const items = await take(jobs.count.with({ maxSize })(5000));

    expect(items).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  test('runs its generator in another thread, also one of its own', async () => {
    const [pooled] = await take(jobs.here());
    const { items, end } = await takeToEnd(jobs.countApart(3));

    expect(pooled).not.toBe(threadId);
    expect(items).toEqual([0, 1, 2]);
    expect(end).not.toBe(threadId);
  });

  test.each([0, 2, 1024])('with maxSize %d gives every kind of item as it was', async (maxSize) => {
    const items = await take(jobs.values.with({ maxSize })());

    const expected = [...jobs.falsy, ...jobs.kinds()];
    expect(items).toHaveLength(expected.length);
    for (const [i, item] of items.entries()) {
      expect(item).toStrictEqual(expected[i]);
      expect(Object.prototype.toString.call(item)).toBe(Object.prototype.toString.call(expected[i]));
    }
  });

  test.each([0, 3, 1024])('with maxSize %d gives what changes as it was when it was yielded', async (maxSize) => {
    const items = await take(jobs.mutated.with({ maxSize })(50));

    const expected = Array.from({ length: 50 }, (_, i) => [{ i, list: [i] }, i, i]);
    const seen = Array.from({ length: 50 }, (_, i) => {
      const [object, small, large] = items.slice(i * 3) as [object, Buffer, Uint8Array];
      return [object, small[0], large[0]];
    });
    expect(seen).toEqual(expected);
  });

  test('gives no more of a buffer than the part that was yielded', async () => {
    for (const size of [100, 50_000]) {
      const [chunk] = (await take(jobs.views(size))) as [Uint8Array];
      expect([chunk.length, chunk.buffer.byteLength]).toEqual([size, size]);
    }
  });

  test('moves a chunk that the generator gives up', async () => {
    const [chunk, left] = (await take(jobs.moves())) as [Uint8Array, number];

    expect(chunk).toStrictEqual(new Uint8Array(100_000).fill(1));
    expect(left).toBe(0);
  });

  test('gives the items of any iterable', async () => {
    expect(await take(jobs.list([1, [2]]))).toEqual([1, [2]]);
    expect(await take(jobs.list(new Map([[1, 2]])))).toEqual([[1, 2]]);
    expect(await take(jobs.list('ab'))).toEqual(['a', 'b']);
    expect(await take(jobs.later([1, 2]))).toEqual([1, 2]);
    expect(await take(jobs.countAsync(3))).toEqual([0, 1, 2]);
    expect(await take(jobs.upTo(3))).toEqual([0, 1, 2]);
  });

  test.each([5, null, undefined, {}])('refuses a function that returns %s', async (value) => {
    await expect(take(jobs.list(value))).rejects.toMatchObject({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' });
  });

  test.each([0, 2, 1024])('with maxSize %d gives the items before the error, and the error once', async (maxSize) => {
    const it = jobs.fails.with({ maxSize })(5);

    const { items, end } = await takeToEnd(it);
    expect(items).toEqual([0, 1, 2, 3, 4]);
    expect(end).toBeInstanceOf(RangeError);
    expect(end).toMatchObject({ message: 'no more', code: 'E_MORE' });
    expect(await it.next()).toEqual({ value: undefined, done: true });
  });

  test('gives what is thrown before the first item, and falsy errors', async () => {
    await expect(jobs.throwsAtOnce().next()).rejects.toThrow(new TypeError('at once'));
    const it = jobs.throwsFalsy();
    await it.next();
    expect(await it.next().catch((error: unknown) => [error])).toEqual([undefined]);
  });

  test('throws at the yield of an item that cannot cross, and says where in it', async () => {
    const it = gate();

    const { items, end } = await takeToEnd(jobs.uncloneable(it));
    expect(items).toEqual([1]);
    expect(end).toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringContaining('item.user.greet'),
    });
    expect(it[3]).toBe(1);
  });

  test('serves next() calls that overlap in order', async () => {
    const it = jobs.count.with({ maxSize: 2 })(6);
    const steps = await Promise.all(Array.from({ length: 8 }, async () => it.next()));

    expect(steps.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 'done', undefined]);
  });

  test('is asked with the arguments of its call as they were', async () => {
    const list = [1, 2];
    const it = jobs.list(list);
    list.push(3);

    expect(await take(it)).toEqual([1, 2]);
  });
});

describe('no item is held back while the generator blocks', () => {
  const random = Array.from({ length: 6 }, () => Math.floor(Math.random() * 900));
  test.each([1, 2, 7, ...random].flatMap((k) => ['number', 'object', 'bytes'].map((kind) => [k, kind] as const)))(
    '%d of kind %s',
    async (k, kind) => {
      const items = kind === 'bytes' ? Math.min(k, 50) : k;
      const it = gate();
      const iterator = jobs.blocksAfter(items, it, kind);

      for (let i = 0; i < items; i += 1) expect((await iterator.next()).done).toBe(false);
      expect(it[0]).toBe(0);
      open(it);
      expect(await iterator.next()).toEqual({ value: 'after', done: false });
      expect((await iterator.next()).done).toBe(true);
    },
  );
});
