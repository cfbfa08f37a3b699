/** Which results are looked for, which are waited for asleep, and which calls leave at once. @module */

import { receiveMessageOnPort } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nothingLearnt } from '../../../src/codec/quick/learnt.ts';
import type { Definition } from '../../../src/address/registry.ts';
import { Call } from '../../../src/call/call.ts';
import { plainPlan } from '../../../src/call/call-plan.ts';
import type { CallPlan } from '../../../src/call/call-plan.ts';
import { shortCost } from '../../../src/wire/cost.ts';
import { Lane } from '../../../src/call/lane/lane.ts';
import { plainArguments } from '../../../src/call/travel.ts';
import { endOf } from '../../../src/wire/transport.ts';
import type { LaneEnd } from '../../../src/wire/transport.ts';
import { wireEnds } from '../../../src/wire/wire.ts';
import { takeBell } from '../../../src/wire/bell.ts';
import type { WireEnds } from '../../../src/wire/wire.ts';

/** A call of a function that has been taking `cost` milliseconds. */
function call(cost: number, args: unknown[], options: Partial<CallPlan> = {}): Call {
  const definition = { id: 1, name: 'fn', fn: () => 1, learnt: { ...nothingLearnt(), cost } } as unknown as Definition;
  const made = new Call(definition, args, { ...plainPlan, ...options }, { at: 0 });
  made.promise.catch(() => undefined);
  return made;
}

let lane: Lane;
let ends: WireEnds;
let near: LaneEnd;

beforeEach(() => {
  ends = wireEnds();
  // Not a message: the other end takes it first.
  takeBell(ends.far.port);
  near = endOf(ends.near);
  lane = new Lane(near, { onProgress: () => undefined, onLoss: () => undefined }, () => ({
    local: 1,
  }));
});
afterEach(() => lane.close());

const shared = new Uint8Array(new SharedArrayBuffer(8));

test.each<[string, unknown[], Partial<CallPlan>]>([
  ['primitives', [1, 'a'], {}],
  ['bytes that are copied', [new Uint8Array(100_000)], {}],
  ['shared memory', [shared], {}],
  ['a time-out', [1], { timeout: 1000 }],
])('the result of a quick call is looked for, be it one with %s', (_, args, options) => {
  lane.sender.send(call(shortCost / 2, args, options));

  expect(lane.look()).toBe(true);
});

test.each([1, Infinity])('that of a function which takes %d ms is not', (cost) => {
  lane.sender.send(call(cost, [1]));

  expect(lane.look()).toBe(false);
});

test('only calls that nothing is lent to and that have no end of their own count as brief', () => {
  lane.sender.send(call(shortCost / 2, [1]));
  expect(lane.calls.areBrief).toBe(true);
  lane.sender.send(call(shortCost / 2, [shared]));
  expect([lane.calls.areBrief, lane.load]).toEqual([false, 2]);
});

const hasLeft = (): boolean => receiveMessageOnPort(ends.far.port) !== undefined;

test('a plain call that comes alone leaves at once, and those that follow it wait for each other', () => {
  lane.sender.send(call(shortCost / 2, [1]), false);
  expect(hasLeft()).toBe(true);
  lane.sender.send(call(shortCost / 2, [2]), false);
  expect(hasLeft()).toBe(false);
});

test.each<[string, number, Partial<CallPlan>]>([
  ['may be given up', shortCost / 2, { timeout: 1000 }],
  ['takes long', 1, {}],
])('one that %s leaves with the turn', async (_, cost, options) => {
  lane.sender.send(call(cost, [1], options), false);

  expect(hasLeft()).toBe(false);
  await Promise.resolve();
  await new Promise(setImmediate);
  expect(hasLeft()).toBe(true);
});

test('objects of a known shape are taken apart whatever the last call took', () => {
  const { definition } = call(shortCost / 2, [{ id: 1, point: { x: 2 } }]);
  definition.learnt.cost = 1;
  const late = new Call(definition, [{ id: 3, point: { x: 4 } }], plainPlan, { at: 0 });
  late.promise.catch(() => undefined);

  expect(late.items).toEqual([3, 4]);
  expect(plainArguments(late)).toEqual([{ id: 3, point: { x: 4 } }]);
});

test('a call of an iterator, which is held by the iterator, lets go of nothing that a later call holds', () => {
  const iterating = call(Infinity, [1]);
  iterating.stream = {
    isHeld: false,
    isResendable: true,
    attached: () => undefined,
    detached: () => undefined,
  } as unknown as NonNullable<Call['stream']>;
  lane.sender.send(iterating);
  lane.forget(iterating);
  const hold = vi.spyOn(near.transport, 'hold');
  const release = vi.spyOn(near.transport, 'release');
  lane.sender.send(call(shortCost / 2, [1]));

  expect([hold.mock.calls.length, release.mock.calls.length]).toEqual([1, 0]);
});
