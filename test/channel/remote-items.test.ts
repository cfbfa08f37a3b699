/** A thread's view of an iterable of the main side, without a thread: items in the ring and in messages, and their end. @module */

import { describe, expect, test } from 'vitest';
import type { ArrivedItem } from '../../src/channel/call-stream.ts';
import { RemoteItems } from '../../src/channel/remote-items.ts';
import { RingWriter } from '../../src/channel/ring/writer.ts';
import { openRing, ringMemory } from '../../src/channel/ring/ring.ts';

const maxSize = 8;

const inMessage = (value: unknown): ArrivedItem => ({ values: [value], holes: undefined, isBuffer: false });

/** A source that writes numbers to the ring and posts the rest, which arrives when the line is pulled. */
function source(): { items: RemoteItems; give(item: unknown): void; end(error?: unknown): void; asked(): number } {
  const memory = ringMemory(maxSize);
  const writer = new RingWriter(openRing({ memory, maxSize, overflow: 'block' }), true);
  const onTheWay: (() => void)[] = [];
  let asked = 0;
  const items: RemoteItems = new RemoteItems(
    { id: 1, memory, maxSize },
    {
      ask: () => (asked += 1),
      isGivenUp: () => false,
      pull: () => {
        for (let arrive = onTheWay.shift(); arrive; arrive = onTheWay.shift()) arrive();
      },
      restore({ values: [value] }) {
        if (value instanceof RangeError) throw value;
        return value;
      },
    },
  );
  return {
    items,
    asked: () => asked,
    give(item) {
      if (writer.write(item)) return;
      const number = writer.next;
      onTheWay.push(() => items.heard(number, inMessage(item)));
      writer.skip();
    },
    end(error) {
      onTheWay.push(() => items.ended(error === undefined ? { isError: false } : { isError: true, error }));
    },
  };
}

describe('items of an argument', () => {
  test('are asked of their source once the first is awaited', () => {
    const { items, asked } = source();
    expect(asked()).toBe(0);
    void items.next();

    expect(asked()).toBe(1);
  });

  test('come in order to all who wait, though messages that are read for one bring those of the others', async () => {
    const { items, give, end } = source();
    const waiting = Array.from({ length: 5 }, () => items.next());
    for (const item of [{ id: 1 }, { id: 2 }, 3, { id: 4 }]) give(item);
    end();
    items.woken();

    expect(await Promise.all(waiting)).toEqual([
      { value: { id: 1 }, done: false },
      { value: { id: 2 }, done: false },
      { value: 3, done: false },
      { value: { id: 4 }, done: false },
      { value: undefined, done: true },
    ]);
  });

  test('that refuse to be restored are errors of their own, and the next one follows', async () => {
    const { items, give } = source();
    give(new RangeError('refused'));
    give(2);

    await expect(items.next()).rejects.toThrow('refused');
    expect(await items.next()).toEqual({ value: 2, done: false });
  });

  test('come before the error of their source, which comes once', async () => {
    const { items, give, end } = source();
    const waiting = [items.next(), items.next(), items.next()];
    give({ id: 1 });
    end(new TypeError('over'));
    items.woken();

    expect(await waiting[0]).toEqual({ value: { id: 1 }, done: false });
    await expect(waiting[1]).rejects.toThrow('over');
    expect(await waiting[2]).toEqual({ value: undefined, done: true });
  });

  test('are dropped when the loop is left, and their source is told to end', async () => {
    const { items, give, end } = source();
    give(1);
    give({ id: 2 });
    await items.next();
    const returned = items.return();
    end();
    items.woken();

    expect(await items.next()).toEqual({ value: undefined, done: true });
    items.ended({ isError: false });
    expect(await returned).toEqual({ value: undefined, done: true });
  });

  test('are no longer awaited once the call was given up', async () => {
    const { items } = source();
    const waiting = [items.next(), items.next()];
    items.interrupt(new Error('given up'));

    expect(await Promise.allSettled(waiting)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  });
});
