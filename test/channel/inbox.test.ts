/** Items that come in messages, and those that nobody wants any more when they do. @module */

import { expect, test } from 'vitest';
import { Inbox } from '../../src/channel/inbox.ts';
import { openRing, ringMemory } from '../../src/channel/ring/ring.ts';
import { RingWriter } from '../../src/channel/ring/writer.ts';

test('an item whose message comes after it was passed over is not kept; the others are given in order', () => {
  const ring = openRing({ memory: ringMemory(8), maxSize: 8, overflow: 'block' });
  const inbox = new Inbox(ring, 'block', { restore: ({ values: [value] }) => value, catchUp: () => undefined });
  const writer = new RingWriter(ring, true);
  // Both of them travel in messages.
  writer.skip();
  writer.skip();
  inbox.dropTo(1);
  const item = (value: string): { values: unknown[]; holes: undefined; isBuffer: false } => ({
    values: [value],
    holes: undefined,
    isBuffer: false,
  });

  expect([inbox.heard(0, item('late')), inbox.heard(1, item('wanted'))]).toEqual([false, true]);
  expect([inbox.size, inbox.take(), inbox.size]).toEqual([1, 'wanted', 0]);
});
