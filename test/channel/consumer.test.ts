/** The consumer's end, without a thread: what comes while it reads messages. @module */

import { expect, test } from 'vitest';
import type { ItemCall, ItemLink } from '../../src/channel/call-stream.ts';
import { Consumer } from '../../src/channel/consumer/consumer.ts';
import { openRing } from '../../src/channel/ring/ring.ts';
import { RingReader, NONE } from '../../src/channel/ring/reader.ts';
import { RingWriter } from '../../src/channel/ring/writer.ts';

const nothing = (): undefined => undefined;

test('an item that comes while messages are read is given, though the wake-up for it is among them', async () => {
  let catchUp: () => void = nothing;
  const link: ItemLink<unknown> = {
    isAttached: false,
    isHeld: false,
    isResendable: true,
    attach: nothing,
    detach: nothing,
    hold: nothing,
    letGo: nothing,
    catchUp: () => catchUp(),
    begun: nothing,
    ask: nothing,
    resume: nothing,
    raise: nothing,
    tookSome: nothing,
    end: () => true,
    interrupt: nothing,
  };
  const call: ItemCall<unknown> = {
    promise: new Promise(nothing),
    plan: {},
    stream: undefined,
    submitted: nothing,
    returned: nothing,
    fail: nothing,
    gaveUp: nothing,
    abort: nothing,
    closing: nothing,
    restore: nothing,
  };
  const plan = { maxSize: 4, overflow: 'block', closeTimeout: 1 } as const;
  const consumer = new Consumer<number, undefined, undefined>({ call, link: () => link, submit: nothing }, plan);
  const writer = new RingWriter(openRing(consumer.offer), true);
  const next = consumer.next();
  // Only this message wakes the consumer: polling has stopped because earlier polls found nothing.
  catchUp = () => {
    writer.write(7);
    consumer.delivery.rest();
  };

  expect(consumer.snapshot()).toEqual([]);
  expect(await next).toEqual({ value: 7, done: false });
});

test('a reader that has passed over more items than it knew of waits for the next one', () => {
  const ring = openRing({ memory: new SharedArrayBuffer(2 ** 14), maxSize: 8, overflow: 'block' });
  const [writer, reader] = [new RingWriter(ring, true), new RingReader(ring, false)];
  writer.write(1);
  expect([reader.take(), reader.take()]).toEqual([1, NONE]);
  for (const value of [2, 3, 4]) writer.write(value);
  expect(reader.take()).toBe(2);
  for (const value of [5, 6]) writer.write(value);
  for (let i = 0; i < 4; i += 1) reader.drop();

  expect(reader.take()).toBe(NONE);
  writer.write(7);
  expect(reader.take()).toBe(7);
});
