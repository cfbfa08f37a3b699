/** The bounded channel within one thread: who puts, who takes, and what becomes of either. @module */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LocalChannel } from '../../src/channel/local-channel.ts';
import type { LocalChannelOptions } from '../../src/channel/local-channel.ts';
import { hasSettled } from '../support/has-settled.ts';

const open = <T = number>(options: Partial<LocalChannelOptions> = {}): LocalChannel<T> =>
  new LocalChannel<T>({ maxSize: 2, overflow: 'block', ...options });
const coded = (code: string): object => expect.objectContaining({ code }) as object;

describe('put', () => {
  test('waits for room, in order', async () => {
    const channel = open();
    const puts = [1, 2, 3, 4].map(async (item) => channel.put(item));

    expect(await hasSettled(puts[1] as Promise<void>)).toBe(true);
    expect(await hasSettled(puts[2] as Promise<void>)).toBe(false);
    expect([channel.size, channel.snapshot()]).toEqual([2, [1, 2]]);
    expect(await channel.next()).toEqual({ value: 1, done: false });
    expect([await hasSettled(puts[2] as Promise<void>), await hasSettled(puts[3] as Promise<void>)]).toEqual([
      true,
      false,
    ]);
    expect(channel.snapshot()).toEqual([2, 3]);
    channel.close();
    await expect(puts[3]).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
  });

  test('hands over, with maxSize 0', async () => {
    const channel = open({ maxSize: 0 });
    const put = channel.put(1);

    expect([await hasSettled(put), channel.size]).toEqual([false, 0]);
    expect(await channel.next()).toEqual({ value: 1, done: false });
    await put;
    const next = channel.next();
    await channel.put(2);
    expect(await next).toEqual({ value: 2, done: false });
  });

  test.each([
    ['drop-newest', [1, 2]],
    ['drop-oldest', [3, 4]],
  ] as const)("does not wait with overflow '%s'", async (overflow, left) => {
    const channel = open({ overflow });
    for (const item of [1, 2, 3, 4]) await channel.put(item);

    expect([channel.dropped, channel.drain(), channel.size]).toEqual([2, left, 0]);
  });

  test("rejects with overflow 'error', and the channel goes on", async () => {
    const channel = open({ overflow: 'error' });
    await channel.put(1);
    await channel.put(2);

    await expect(channel.put(3)).rejects.toThrow(coded('ERR_OFFLOOP_OVERFLOW'));
    expect([channel.dropped, channel.snapshot()]).toEqual([1, [1, 2]]);
  });

  test('is refused after the end and after a close', async () => {
    const [ended, closed] = [open(), open()];
    ended.end();
    closed.close();

    await expect(ended.put(1)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await expect(closed.put(1)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
  });
});

describe('the end', () => {
  test('comes after all items, also those that waited for room', async () => {
    const channel = open();
    const puts = Promise.all([1, 2, 3].map(async (item) => channel.put(item)));
    channel.end();
    const items: number[] = [];
    for await (const item of channel) items.push(item);

    expect(items).toEqual([1, 2, 3]);
    await puts;
    expect(await channel.next()).toEqual({ value: undefined, done: true });
  });

  test('is an error once', async () => {
    const channel = open();
    await channel.put(1);
    channel.end(new RangeError('broken'));

    expect(await channel.next()).toEqual({ value: 1, done: false });
    await expect(channel.next()).rejects.toThrow(new RangeError('broken'));
    expect([await channel.next(), channel.closed]).toEqual([{ value: undefined, done: true }, true]);
  });

  test('ends all who wait: the first with the error', async () => {
    const channel = open();
    const waiting = [channel.next(), channel.next()];
    channel.end(undefined);

    await expect(waiting[0]).rejects.toBe(undefined);
    expect(await waiting[1]).toEqual({ value: undefined, done: true });
  });
});

describe('a consumer', () => {
  test('that leaves its loop closes the channel', async () => {
    const channel = open();
    const [, , , last] = [1, 2, 3, 4].map(async (item) => channel.put(item));
    last?.catch(() => undefined);
    for await (const item of channel) if (item === 1) break;

    await expect(last).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    expect([channel.closed, channel.size, await channel.next()]).toEqual([true, 0, { value: undefined, done: true }]);
  });

  test('is told once why the channel was aborted, be it waiting or asking later', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const [waited, asked] = [open({ signal: first.signal }), open({ signal: second.signal })];
    const next = waited.next();
    await asked.put(1);
    first.abort('first');
    second.abort('second');

    await expect(next).rejects.toBe('first');
    expect(await waited.next()).toEqual({ value: undefined, done: true });
    await expect(asked.next()).rejects.toBe('second');
    expect(await asked.next()).toEqual({ value: undefined, done: true });
    await expect(open({ signal: AbortSignal.abort('at once') }).next()).rejects.toBe('at once');
  });
});

/** A model of the channel, made of arrays. */
class Model {
  waiting: number[] = [];
  lined: number[] = [];
  asked = 0;
  dropped = 0;
  readonly given: number[] = [];

  put(item: number, maxSize: number, overflow: LocalChannelOptions['overflow']): void {
    if (this.asked > 0) {
      this.asked -= 1;
      this.given.push(item);
    } else if (this.waiting.length < maxSize) this.waiting.push(item);
    else if (overflow === 'block') this.lined.push(item);
    else {
      this.dropped += 1;
      if (overflow === 'drop-oldest') this.waiting = [...this.waiting.slice(1), item];
    }
  }

  next(): void {
    const item = this.waiting.shift() ?? this.lined.shift();
    if (item === undefined) this.asked += 1;
    else this.given.push(item);
    if (item !== undefined) this.admit(1);
  }

  drain(maxSize: number): number[] {
    const all = this.waiting.splice(0);
    for (let i = 0; i < all.length && this.waiting.length < maxSize; i += 1) this.admit(1);
    return all;
  }

  admit(count: number): void {
    this.waiting.push(...this.lined.splice(0, count));
  }
}

test('any order of puts, takes, looks and drains does what the arrays of a model do', async () => {
  const step = fc.constantFrom('put', 'put', 'next', 'drain', 'snapshot');
  const overflow = fc.constantFrom('block', 'error', 'drop-oldest', 'drop-newest');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      overflow,
      fc.array(step, { maxLength: 80 }),
      async (maxSize, how, steps) => {
        const channel = new LocalChannel<number>({ maxSize, overflow: how });
        const model = new Model();
        const given: number[] = [];
        for (const [i, what] of steps.entries()) {
          if (what === 'put') {
            channel.put(i).catch(() => undefined);
            model.put(i, maxSize, how);
          } else if (what === 'next') {
            void channel.next().then(({ value }) => value !== undefined && given.push(value));
            model.next();
          } else if (what === 'drain') expect(channel.drain()).toEqual(model.drain(maxSize));
          else expect(channel.snapshot()).toEqual(model.waiting);
          expect([channel.size, channel.dropped]).toEqual([model.waiting.length, model.dropped]);
        }
        await new Promise((resolve) => setImmediate(resolve));
        expect(given).toEqual(model.given);
        channel.close();
      },
    ),
  );
});

test('items that were taken are not kept, however many there are', async () => {
  const channel = open({ maxSize: 8 });
  await channel.put(-1);
  const wrong: unknown[] = [];
  for (let i = 0; i < 100_000; i += 1) {
    await channel.put(i);
    const { value } = await channel.next();
    if (value !== i - 1) wrong.push(value);
  }

  expect(wrong).toEqual([]);
  expect(channel.snapshot()).toEqual([99_999]);
});
