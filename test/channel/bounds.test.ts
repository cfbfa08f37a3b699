/** How far a generator is ahead, and what happens where there is no room. @module */

import { setImmediate } from 'node:timers/promises';
import { configure, move, ThreadPool, threadedIterable } from 'offloop';
import { afterEach, describe, expect, onTestFailed, test } from 'vitest';
import { block } from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/generators.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { take } from '../support/take.ts';

/** Resolves when the generator's thread has waited for a while: it would have gone on by then. */
async function settled(it: Int32Array): Promise<number> {
  for (let same = 0, last = -1; same < 50;) {
    await setImmediate();
    Atomics.wait(it, 0, 0, 1);
    const current = Atomics.load(it, 2);
    same = current === last ? same + 1 : 0;
    last = current;
  }
  return Atomics.load(it, 2);
}

/** Resolves once the generator was asked `count` times, and has not been asked again for a while. */
async function settlesAt(it: Int32Array, count: number): Promise<void> {
  await reaches(it, 2, count);
  expect(await settled(it)).toBe(count);
}

describe('a generator', () => {
  test('does not start before its first item is asked for', async () => {
    const it = gate();
    const iterator = jobs.count(5, it);
    await settlesAt(it, 0);

    await iterator.next();
    expect(it[2]).toBeGreaterThan(0);
    await iterator.close();
  });

  test('starts when it is told to', async () => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize: 3 })(5, it).start();

    await reaches(it, 2, 3);
    await settled(it);
    expect(iterator.size).toBe(3);
    expect(iterator.snapshot()).toEqual([0, 1, 2]);
    expect(iterator.drain()).toEqual([0, 1, 2]);
    expect(await take(iterator)).toEqual([3, 4]);
  });

  test('that never waits is drained of no more than waits', async () => {
    const it = gate();
    const iterator = jobs.floods.with({ maxSize: 50 })(it).start();
    let taken = 0;
    while (taken < 5000) {
      await reaches(it, 2, taken + 1);
      const items = iterator.drain();
      expect(items.length).toBeLessThanOrEqual(50);
      taken += items.length;
    }
    await iterator.close();
  });

  test.each([1, 2, 3, 10, 64])('is not asked for more than %d items that were not taken', async (maxSize) => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize })(1000, it);

    for (let taken = 1; taken <= 5; taken += 1) {
      await iterator.next();
      await settlesAt(it, taken + maxSize);
      expect(iterator.size).toBe(maxSize);
    }
    await iterator.close();
  });

  test('that is asynchronous is not either', async () => {
    const it = gate();
    const iterator = jobs.countAsync.with({ maxSize: 2 })(1000, it);

    for (let taken = 1; taken <= 3; taken += 1) {
      await iterator.next();
      await settlesAt(it, taken + 2);
    }
    await iterator.close();
    expect(it[3]).toBe(1);
  });

  test('that is asynchronous leaves the loop of its thread free', async () => {
    const it = gate();
    for await (const _ of jobs.ticks(it));

    expect(it[3]).toBe(1);
  });

  test('with maxSize 0 advances only when it is asked', async () => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize: 0 })(1000, it);

    for (let taken = 1; taken <= 3; taken += 1) {
      await iterator.next();
      await settlesAt(it, taken);
    }
    await iterator.close();
  });

  test('with maxSize Infinity is never held up', async () => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize: Infinity })(10_000, it);
    await iterator.next();
    await reaches(it, 2, 10_000);

    expect(await take(iterator)).toEqual(Array.from({ length: 9999 }, (_, i) => i + 1));
  });
});

describe('with maxSize 0', () => {
  test('next(value) and throw(error) reach the very yield', async () => {
    const iterator = jobs.echoes();

    expect(await iterator.next('lost')).toEqual({ value: 'first', done: false });
    expect(await iterator.next('a')).toEqual({ value: 'a', done: false });
    expect(await iterator.next(undefined as unknown as string)).toEqual({ value: undefined, done: false });
    expect(await iterator.next(new Map([[1, 2]]) as unknown as string)).toEqual({
      value: new Map([[1, 2]]),
      done: false,
    });
    expect(await iterator.throw(new Error('b'))).toEqual({ value: 'caught b', done: false });
    expect(await iterator.next('c')).toEqual({ value: 'c', done: false });
    expect(await iterator.next('end')).toEqual({ value: 'ended', done: true });
  });

  test('values of calls that overlap arrive in order', async () => {
    const iterator = jobs.echoes();
    const steps = await Promise.all(['lost', 1, 2, 3].map(async (value) => iterator.next(value as string)));

    expect(steps.map(({ value }) => value as unknown)).toEqual(['first', 1, 2, 3]);
    await iterator.close();
  });

  test('an iterator that is none of a generator is given the first value, too, even one that is moved', async () => {
    const iterator = jobs.echoesAll();
    const bytes = new Uint8Array([1, 2]);
    const steps = [iterator.next(move(bytes, [bytes.buffer]) as never), iterator.next('two')];

    expect((await Promise.all(steps)).map(({ value }) => value)).toEqual([new Uint8Array([1, 2]), 'two']);
    expect(bytes.byteLength).toBe(0);
    await iterator.close();
  });

  test('values that are given before the generator has a thread arrive in order, however fast that begins', async () => {
    for (let round = 0; round < 200; round += 1) {
      const iterator = jobs.echoes();
      const values = Array.from({ length: 20 }, (_, i) => `${i}`);
      const steps = await Promise.all(['lost', ...values].map(async (value) => iterator.next(value)));
      await iterator.close();

      expect(steps.map(({ value }) => value as unknown)).toEqual(['first', ...values]);
    }
  });

  test('a value that cannot cross rejects, and the generator stays where it is', async () => {
    const iterator = jobs.echoes();
    await iterator.next();

    await expect(iterator.next((() => 1) as unknown as string)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_NOT_CLONEABLE',
    });
    expect(await iterator.next('on')).toEqual({ value: 'on', done: false });
    await iterator.close();
  });
});

describe('throw() of a generator that is ahead', () => {
  test('reaches the yield at which it stands, and items from before are dropped', async () => {
    const iterator = jobs.catches.with({ maxSize: 4 })(1000);
    await iterator.next();

    expect(await iterator.throw(new Error('a'))).toEqual({ value: 'caught a', done: false });
    expect((await iterator.next()).done).toBe(false);
    await iterator.close();
  });

  test.each([1, 2, 8, 1024])('gives what comes of it, and nothing from before; maxSize %d', async (maxSize) => {
    const iterator = jobs.catches.with({ maxSize })(1_000_000);
    let last = -1;
    let step = 'begins';
    onTestFailed(() => {
      const { perThread } = ThreadPool.default.stats();
      console.log({ maxSize, step, last, size: iterator.size, closed: iterator.closed, perThread });
    });
    for (let i = 0; i < 200; i += 1) {
      step = `next ${i}`;
      const { value } = await iterator.next();
      expect(value).toBeGreaterThan(last);
      last = value as number;
      step = `throw ${i}`;
      expect(await iterator.throw(new Error(`${i}`))).toEqual({ value: `caught ${i}`, done: false });
    }
    step = 'close';
    await iterator.close();
  });

  test('rejects with the error if it is not caught, and ends it', async () => {
    const it = gate();
    const iterator = jobs.count(100_000, it);
    await iterator.next();

    await expect(iterator.throw(new RangeError('b'))).rejects.toThrow(new RangeError('b'));
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect(it[3]).toBe(1);
  });

  test.each([0, 1, 4, 1024])('gives each of several what came of it; maxSize %d', async (maxSize) => {
    const iterator = jobs.catchesAll.with({ maxSize })();
    await iterator.next();

    for (let i = 0; i < 20; i += 1) {
      const steps = await Promise.all(['a', 'b', 'c'].map(async (message) => iterator.throw(new Error(message))));
      expect(steps).toEqual(['a', 'b', 'c'].map((message) => ({ value: `caught ${message}`, done: false })));
    }
    await iterator.close();
  });

  test.each([0, 1, 4, 1024])(
    'rejects with their own errors that and those after it which ends it; maxSize %d',
    async (maxSize) => {
      const iterator = jobs.catchesAll.with({ maxSize })();
      await iterator.next();
      const thrown = ['a', 'end', 'c'].map(async (message) => iterator.throw(new Error(message)));

      expect(await Promise.allSettled([...thrown, iterator.next()])).toMatchObject([
        { value: { value: 'caught a', done: false } },
        { reason: { message: 'end' } },
        { reason: { message: 'c' } },
        { value: { value: undefined, done: true } },
      ]);
    },
  );

  test('comes after the items that are awaited by then', async () => {
    const it = gate();
    const iterator = jobs.catchesAll(it);
    await iterator.next();
    const steps = Promise.all([iterator.next(), iterator.throw(new Error('a')), iterator.throw(new Error('b'))]);
    open(it);

    expect((await steps).map(({ value }) => value as unknown)).toEqual([0, 'caught a', 'caught b']);
    await iterator.close();
  });

  test('that has ended by then rejects with the error, or with what the generator itself has thrown', async () => {
    const [it, other] = [gate(), gate()];
    const iterator = jobs.count(3, it).start();
    await reaches(it, 3, 1);
    await iterator.next();
    await expect(iterator.throw(new Error('late'))).rejects.toThrow('late');
    expect(await iterator.next()).toEqual({ value: undefined, done: true });

    const failing = jobs.uncloneable(other).start();
    await reaches(other, 3, 1);
    await expect(failing.throw(new Error('late'))).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
  });

  test('rejects with the error if the iterator is closed first', async () => {
    const it = gate();
    const iterator = jobs.catchesAll.with({ closeTimeout: 20 })(it);
    await iterator.next();
    const thrown = Promise.allSettled([iterator.next(), iterator.throw(new Error('a'))]);
    await Promise.allSettled([iterator.close()]);

    expect(await thrown).toMatchObject([{ value: { done: true } }, { reason: { message: 'a' } }]);
  });

  test('inside a thread does the same', async () => {
    expect(await jobs.throwsInside()).toEqual([{ value: 'caught a', done: false }, 'end', 'c']);
  });

  test.each(['waits for a thread', 'has just one'])(
    'before the generator begins reaches it, when the call %s',
    async (how) => {
      await using pool = new ThreadPool({ size: 1 });
      const [it, asked] = [gate(), gate()];
      const isFirst = how === 'waits for a thread';
      const busy = isFirst ? block.with({ pool })(it, 0) : undefined;
      if (isFirst) await reaches(it, 1, 1);
      const iterator = jobs.count.with({ pool })(Infinity, asked).start();
      if (!isFirst) await new Promise((resolve) => pool.once('threadStart', resolve));
      const thrown = iterator.throw(new RangeError('early'));
      open(it);

      await expect(thrown).rejects.toThrow(new RangeError('early'));
      expect(await iterator.next()).toEqual({ value: undefined, done: true });
      await busy;
    },
  );

  test('before the start ends it', async () => {
    const iterator = jobs.count(1000);

    await expect(iterator.throw('c')).rejects.toBe('c');
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });
});

describe('overflow', () => {
  test("'error' throws at the yield, after the items that had room", async () => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize: 3, overflow: 'error' })(1000, it).start();
    await reaches(it, 3, 1);

    expect([await iterator.next(), await iterator.next(), await iterator.next()].map(({ value }) => value)).toEqual([
      0, 1, 2,
    ]);
    await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_OVERFLOW' });
    expect(iterator.dropped).toBe(1);
  });

  test("'error' is not thrown where the items have just room", async () => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize: 3, overflow: 'error' })(3, it).start();
    await reaches(it, 3, 1);

    expect(await take(iterator)).toEqual([0, 1, 2]);
  });

  test("'drop-newest' keeps the oldest, and counts the others", async () => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize: 3, overflow: 'drop-newest' })(100, it).start();
    await reaches(it, 3, 1);

    expect([iterator.size, iterator.dropped]).toEqual([3, 97]);
    expect(iterator.snapshot()).toEqual([0, 1, 2]);
    expect(await take(iterator)).toEqual([0, 1, 2]);
  });

  test.each([3, 100])("'drop-oldest' keeps the newest %d, and counts the others", async (maxSize) => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize, overflow: 'drop-oldest' })(1000, it).start();
    await reaches(it, 3, 1);

    const newest = Array.from({ length: maxSize }, (_, i) => 1000 - maxSize + i);
    expect([iterator.size, iterator.dropped]).toEqual([maxSize, 1000 - maxSize]);
    expect(iterator.snapshot()).toEqual(newest);
    expect(iterator.snapshot()).toEqual(newest);
    expect(iterator.drain()).toEqual(newest);
    expect(iterator.size).toBe(0);
    expect(await iterator.next()).toEqual({ value: 'done', done: true });
  });

  test.each(['number', 'object', 'message'])("'drop-oldest' is a live buffer of each kind: %s", async (kind) => {
    const it = gate();
    const iterator = jobs.floods.with({ maxSize: 5, overflow: 'drop-oldest' })(it, kind).start();
    const numberOf = (item: unknown): number =>
      typeof item === 'number' ? item : Number((item as { i: number | bigint }).i);
    let newest = -1;
    for (let round = 0; round < 20; round += 1) {
      await reaches(it, 2, newest + 20);
      const seen = iterator.snapshot().map(numberOf);
      expect(seen.length).toBeLessThanOrEqual(5);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      const taken = iterator.drain().map(numberOf);
      for (const number of taken) {
        expect(number).toBeGreaterThan(newest);
        newest = number;
      }
      const { value } = await iterator.next();
      expect(numberOf(value)).toBeGreaterThan(newest);
      newest = numberOf(value);
    }
    await iterator.close();
    expect(it[3]).toBe(1);
  });
});

describe('maxSize', () => {
  afterEach(() => configure({ maxSize: 1024 }));

  test('is 1024 where nothing is said, or what configure says', async () => {
    const it = gate();
    const first = jobs.count(2000, it).start();
    await settlesAt(it, 1024);
    await first.close();

    configure({ maxSize: 7 });
    const other = gate();
    const second = jobs.count(2000, other).start();
    await settlesAt(other, 7);
    await second.close();
  });

  test.each([
    { maxSize: -1 },
    { maxSize: 1.5 },
    { maxSize: NaN },
    { overflow: 'drop' },
    { closeTimeout: 0 },
    { timeout: 0 },
    { detach: true },
  ])('and the like: %j is refused', (options) => {
    const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;
    expect(() => threadedIterable(options as object)).toThrow(refused);
    expect(() => jobs.count.with(options as object)).toThrow(refused);
  });

  test('0 has nothing to overflow', () => {
    expect(() => jobs.count.with({ maxSize: 0, overflow: 'error' })).toThrow(/overflow/);
    expect(() => threadedIterable(function* () {}, { maxSize: 0, overflow: 'drop-oldest' })).toThrow(/overflow/);
  });
});
