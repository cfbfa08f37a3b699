/** Iterables as arguments: they stay here, and their items go to the thread as it takes them. @module */

import { setImmediate } from 'node:timers/promises';
import { ReadableStream } from 'node:stream/web';
import { syncIterate, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { falsy, kinds } from '../fixtures/jobs/generators.mjs';
import * as jobs from '../fixtures/jobs/taking.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { take } from '../support/take.ts';

/** A source that counts how many items were asked for, and notes whether it was closed. */
class Counted {
  asked = 0;
  closed = 0;

  *items(to: number): Generator<number> {
    try {
      for (let i = 0; i < to; i += 1) {
        this.asked += 1;
        yield i;
      }
    } finally {
      this.closed += 1;
    }
  }

  async *later(to: number): AsyncGenerator<number> {
    for (const item of this.items(to)) {
      if (item % 10 === 3) await setImmediate();
      yield item;
    }
  }
}

const ways = [
  ['blocking code', jobs.takesBlocking],
  ['code that awaits', jobs.takesAwaiting],
] as const;

describe.each(ways)('%s', (_, takes) => {
  test('takes the items of a generator in order', async () => {
    const source = new Counted();

    expect(await takes(source.items(500) as unknown as AsyncIterable<unknown>)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
    expect(source.closed).toBe(1);
  });

  test('takes those of an async generator, an object with an iterator, and a ReadableStream', async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (const item of [1, { a: 2 }, Buffer.from('3')]) controller.enqueue(item);
        controller.close();
      },
    });
    const own = { [Symbol.asyncIterator]: () => new Counted().later(3) };

    expect(await takes(new Counted().later(100))).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(await takes(own)).toEqual([0, 1, 2]);
    expect(await takes(stream)).toStrictEqual([1, { a: 2 }, Buffer.from('3')]);
  });

  test('takes items of every kind as they are', async () => {
    const all = function* (): Generator {
      yield* falsy;
      yield* kinds();
    };
    const items = await takes(all() as unknown as AsyncIterable<unknown>);

    const expected = [...falsy, ...kinds()];
    for (const [i, item] of items.entries()) expect(item).toStrictEqual(expected[i]);
    expect(items).toHaveLength(expected.length);
  });

  test('closes the source when it breaks', async () => {
    const source = new Counted();

    expect(await takes(source.later(10_000), 3)).toEqual([0, 1, 2]);
    for (let i = 0; source.closed === 0 && i < 1000; i += 1) await setImmediate();
    expect(source.closed).toBe(1);
    expect(source.asked).toBeLessThan(200);
  });

  test('is thrown what the source throws, after the items', async () => {
    const failing = async function* (): AsyncGenerator<number> {
      yield 1;
      throw new RangeError('source');
    };

    await expect(takes(failing())).rejects.toThrow(new RangeError('source'));
  });

  test('is thrown what an item is that cannot cross', async () => {
    const bad = async function* (): AsyncGenerator {
      yield { deep: { fn: () => 1 } };
    };

    await expect(takes(bad())).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
      message: expect.stringContaining('item.deep.fn'),
    });
  });

  test('is interrupted while it waits, and its thread survives', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const controller = new AbortController();
    const silent = async function* (): AsyncGenerator<number> {
      yield 1;
      controller.abort(new Error('enough'));
      await new Promise(() => {});
    };

    await expect(takes.with({ pool, signal: controller.signal })(silent())).rejects.toThrow('enough');
    expect(await jobs.ignores.with({ pool })(1)).toBe('ignored');
    expect(pool.stats().threads).toBe(1);
  });
});

test('a source is not asked before the thread asks, and no more than 64 items ahead of it', async () => {
  const unused = new Counted();
  expect(await jobs.ignores(unused.items(5))).toBe('ignored');
  expect([unused.asked, unused.closed]).toEqual([0, 0]);

  const source = new Counted();
  const it = gate();
  const call = jobs.takesSlowly(source.items(1000) as unknown as AsyncIterable<unknown>, it);
  await reaches(it, 2, 1);
  for (let i = 0; i < 200; i += 1) await setImmediate();
  expect(source.asked).toBeLessThanOrEqual(65);
  open(it);
  await call;
  expect(source.asked).toBe(1000);
});

test('blocking code that waits is interrupted at the wait, so that its finally runs', async () => {
  const it = gate();
  const controller = new AbortController();
  const silent = async function* (): AsyncGenerator<number> {
    yield 1;
    controller.abort();
    await new Promise(() => {});
  };

  await expect(jobs.finishes.with({ signal: controller.signal })(silent(), it)).rejects.toThrow(/abort/i);
  await reaches(it, 3, 1);
});

test('a thread of its own takes items as well', async () => {
  expect(await jobs.takesApart(new Counted().later(100))).toHaveLength(100);
});

test('two sources are taken side by side, wherever they are in the arguments', async () => {
  expect(await jobs.two(new Counted().later(3), { b: new Counted().later(4) })).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
});

test('a generator in a thread takes items and gives items, and closes its source with it', async () => {
  const source = new Counted();
  const items = await take(jobs.doubles.with({ maxSize: 4 })(source.later(10_000)), 5);

  expect(items).toEqual([0, 2, 4, 6, 8]);
  for (let i = 0; source.closed === 0 && i < 1000; i += 1) await setImmediate();
  expect(source.closed).toBe(1);
});

test('a source that calls the pool whose only thread waits for it is served', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const calling = async function* (): AsyncGenerator {
    for (let i = 0; i < 5; i += 1) yield await jobs.ignores.with({ pool })(i);
  };

  expect(await jobs.takesBlocking.with({ pool })(calling())).toEqual(Array(5).fill('ignored'));
});

test('an iterable is of no use once its call is over', async () => {
  await using pool = new ThreadPool({ size: 1 });
  await jobs.keeps.with({ pool })(new Counted().later(5));

  await expect(jobs.usesKept.with({ pool })()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_HANDLE_RELEASED' });
});

test('syncIterate takes what needs no waiting, here as well, and refuses the rest', () => {
  expect([...syncIterate([1, 2])]).toEqual([1, 2]);
  expect([...syncIterate(new Counted().items(3))]).toEqual([0, 1, 2]);
  const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;
  expect(() => syncIterate(new Counted().later(3))).toThrow(refused);
  expect(() => syncIterate(5 as unknown as Iterable<number>)).toThrow(refused);
});
