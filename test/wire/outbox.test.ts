/** Records leave in order and in few messages, after the definitions that they need. @module */

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flatten, shapeOf } from '../../src/codec/quick/shape.ts';
import type { Branch } from '../../src/codec/quick/shape.ts';
import { Down, runTag, shapeTag } from '../../src/wire/messages.ts';
import type { DownRecord } from '../../src/wire/messages.ts';
import { Outbox } from '../../src/wire/outbox.ts';
import { PortTransport } from '../../src/wire/transport.ts';

let channel: MessageChannel;
let control: Int32Array;
let outbox: Outbox<DownRecord>;

beforeEach(() => {
  channel = new MessageChannel();
  control = new Int32Array(new SharedArrayBuffer(64));
  outbox = new Outbox(new PortTransport(channel.port1), control, 0);
});
afterEach(() => channel.port1.close());

function messages(): unknown[] {
  const found: unknown[] = [];
  for (let item; (item = receiveMessageOnPort(channel.port2));) found.push(item.message);
  return found;
}

const values = (n: number): unknown[] => [{ n, at: [n] }];
const shape = shapeOf(values(0)) as Branch;
const leaves = (n: number): unknown[] => flatten(shape, values(n)) as unknown[];
const wake = (id: number): DownRecord => [Down.wake, id, undefined, undefined, undefined, undefined];
const rest = [undefined, undefined, undefined, undefined];

test('calls that follow each other are one run, and a message is counted', () => {
  outbox.addToRun(1, 7, 0, 0.5, ['a', 1]);
  outbox.addToRun(2, 7, 0, 0.5, ['b', 2]);
  expect([outbox.isEmpty, messages()]).toEqual([false, []]);
  outbox.flush();

  expect(messages()).toEqual([[runTag, 1, 0.5, 2, 2, 'a', 1, 'b', 2]]);
  expect([outbox.isEmpty, control[0]]).toEqual([true, 1]);
});

test('a run of one leaves at once, behind the records that wait, and after its shape', () => {
  outbox.sendRun(1, 7, ['a']);
  expect(messages()).toEqual([[runTag, 1, 7, 1, 1, 'a']]);
  outbox.add(wake(1));
  outbox.sendRun(2, 7, ['b', 'c']);
  outbox.sendRun(3, 7, leaves(3), shape);

  expect(messages()).toEqual([
    [Down.wake, 1, ...rest, runTag, 2, 7, 1, 2, 'b', 'c'],
    [shapeTag, 0, shape, undefined, undefined, undefined, runTag, 3, 7, 1, -1, 3, 3],
  ]);
  expect([outbox.isEmpty, control[0]]).toEqual([true, 3]);
});

test('whether calls had company lately is what the last message had', () => {
  const seen = [outbox.lastRun <= 1];
  for (const count of [2, 1]) {
    for (let id = 1; id <= count; id += 1) outbox.addToRun(id, 7, 7, 0, [id]);
    outbox.flush();
    seen.push(outbox.lastRun <= 1);
  }

  expect(seen).toEqual([true, false, true]);
});

test('another function, width, shape or id begins another run', () => {
  outbox.addToRun(1, 7, 7, 0, ['a']);
  outbox.addToRun(2, 8, 8, 0, ['b']);
  outbox.addToRun(3, 8, 8, 0, ['c', 'd']);
  outbox.addToRun(5, 8, 8, 0, ['e', 'f']);
  outbox.add(wake(5));
  outbox.addToRun(6, 8, 8, 0, ['g', 'h']);
  outbox.flush();

  const runs = [
    [runTag, 1, 7, 1, 1, 'a'],
    [runTag, 2, 8, 1, 1, 'b'],
    [runTag, 3, 8, 1, 2, 'c', 'd'],
    [runTag, 5, 8, 1, 2, 'e', 'f'],
    [Down.wake, 5, ...rest],
    [runTag, 6, 8, 1, 2, 'g', 'h'],
  ];
  expect(messages()).toEqual([runs.flat()]);
});

test('a shape is told of once, before the first run that has it', () => {
  outbox.addToRun(1, 7, 7, 0, [1, 2]);
  outbox.addToRun(2, 7, 7, 0, leaves(2), shape);
  outbox.addToRun(3, 7, 7, 0, leaves(3), shape);
  outbox.flush();
  outbox.addToRun(4, 7, 7, 0, leaves(4), shape);
  outbox.flush();

  const told = [shapeTag, 0, shape, undefined, undefined, undefined];
  const first = [runTag, 1, 7, 1, 2, 1, 2];
  expect(messages()).toEqual([
    [...first, ...told, runTag, 2, 7, 2, -1, 2, 2, 3, 3],
    [runTag, 4, 7, 1, -1, 4, 4],
  ]);
});

test('a shape never leaves with what the other end may be unable to read', () => {
  outbox.addToRun(1, 7, 7, 0, leaves(1), shape);
  outbox.send(wake(1));
  outbox.addToRun(2, 7, 7, 0, leaves(2), shape);
  outbox.send(wake(2));

  expect(messages()).toEqual([
    [shapeTag, 0, shape, undefined, undefined, undefined, runTag, 1, 7, 1, -1, 1, 1],
    [Down.wake, 1, ...rest],
    [runTag, 2, 7, 1, -1, 2, 2, Down.wake, 2, ...rest],
  ]);
});

test('what cannot be cloned is refused alone', () => {
  outbox.addToRun(1, 7, 7, 0, [1]);
  const refused: DownRecord = [Down.reply, 1, 1, [() => undefined], undefined, undefined];
  expect(() => outbox.send(refused)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
  outbox.send(wake(1));

  expect(messages()).toEqual([[runTag, 1, 7, 1, 1, 1, Down.wake, 1, ...rest]]);
});
