import { LocalChannel } from '../../src/channel/local-channel.ts';
import { stream } from 'offloop/streams';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

/** A source that a test puts items into. */
const open = (): LocalChannel<number> => new LocalChannel<number>({ maxSize: 16, overflow: 'block' });

/** What the steps of `it` give, as they come. */
function follow(it: AsyncIterable<unknown>): unknown[] {
  const seen: unknown[] = [];
  void (async () => {
    try {
      for await (const item of it) seen.push(item);
      seen.push('over');
    } catch (error) {
      seen.push((error as { code?: unknown }).code ?? error);
    }
  })();
  return seen;
}

/** Lets `time` milliseconds of the fake clock pass, and all that follows from it. */
const pass = async (time: number): Promise<unknown> => vi.advanceTimersByTimeAsync(time);

describe('with fake timers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('a batch is given when its first item has waited for the time, and never empty', async () => {
    const source = open();
    const seen = follow(stream(source).batch(3, { within: 100 }));
    await pass(1000);
    expect(seen).toEqual([]);
    await source.put(1);
    await pass(60);
    await source.put(2);
    await pass(39);
    expect(seen).toEqual([]);
    await pass(1);
    expect(seen).toEqual([[1, 2]]);

    for (const n of [3, 4, 5, 6]) await source.put(n);
    await pass(0);
    expect(seen).toEqual([[1, 2], [3, 4, 5]]); // prettier-ignore
    source.end();
    await pass(0);
    expect(seen).toEqual([[1, 2], [3, 4, 5], [6], 'over']); // prettier-ignore
  });

  test('a batch whose time is over while nobody asks is given at the next question', async () => {
    const source = open();
    const batches = stream(source).batch(3, { within: 100 });
    await source.put(1);
    const first = batches.next();
    await pass(100);
    expect(await first).toEqual({ value: [1], done: false });
    await source.put(2);
    await pass(500);

    expect(await batches.next()).toEqual({ value: [2], done: false });
    await batches.close();
    expect(source.closed).toBe(true);
  });

  test('a batch comes before the error that ends it', async () => {
    const source = open();
    const seen = follow(stream(source).batch(3, { within: 100 }));
    await source.put(1);
    source.end(new RangeError('source'));
    await pass(0);

    expect(seen).toEqual([[1], new RangeError('source')]);
  });

  test('throttle leaves out what comes within its time', async () => {
    const source = open();
    const seen = follow(stream(source).throttle(100));
    for (const n of [1, 2]) await source.put(n);
    await pass(99);
    await source.put(3);
    await pass(1);
    await source.put(4);
    source.end();
    await pass(0);

    expect(seen).toEqual([1, 4, 'over']);
  });

  test('debounce gives what nothing has followed for its time, and the last one at the end', async () => {
    const source = open();
    const seen = follow(stream(source).debounce(100));
    for (const n of [1, 2]) {
      await source.put(n);
      await pass(99);
    }
    expect(seen).toEqual([]);
    await pass(1);
    expect(seen).toEqual([2]);
    await source.put(3);
    await pass(50);
    source.end();
    await pass(0);

    expect(seen).toEqual([2, 3, 'over']);
  });

  test('timeout ends the stream when an item that was asked for takes too long', async () => {
    const source = open();
    const it = stream(source).timeout(100);
    await pass(1000);
    await source.put(1);
    expect(await it.next()).toEqual({ value: 1, done: false });
    await pass(1000);
    const late = it.next();
    const outcome = expect(late).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    await pass(100);

    await outcome;
    expect([source.closed, await it.next()]).toEqual([true, { value: undefined, done: true }]);
  });

  test('no timer is left when the stream is closed', async () => {
    const source = open();
    const streams = [
      stream(source).batch(3, { within: 100 }),
      stream(open()).timeout(100),
      stream([1]).combine(source).debounce(100),
    ];
    await source.put(1);
    const pending = streams.map(async (it) => it.next());
    await pass(10);
    await Promise.all(streams.map(async (it) => it.close()));
    await Promise.all(pending);

    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a batch is given in time over a source that always has an item', async () => {
  let isOver = false;
  function* busy(): Generator<number> {
    for (const end = performance.now() + 2000; performance.now() < end;) yield 1;
    isOver = true;
  }
  const batches = stream(busy()).batch(Number.MAX_SAFE_INTEGER, { within: 20 });
  const { value } = await batches.next();

  expect(value?.length).toBeGreaterThan(0);
  expect(isOver).toBe(false);
  await batches.close();
});

test('the timers of the program are those that are there when the time begins', async () => {
  const batches = stream([1]).combine(open()).batch(2, { within: 1 });

  expect(await batches.next()).toEqual({ value: [1], done: false });
  await batches.close();
});

test.each(['throttle', 'debounce', 'timeout'] as const)('%s refuses a time that is not above 0', (name) => {
  expect(() => stream([1])[name](0)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
});
