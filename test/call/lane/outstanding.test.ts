/** The calls of a line, found by their ids, whatever order they are answered in. @module */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Call } from '../../../src/call/call.ts';
import { Pace } from '../../../src/wire/cost.ts';
import { Outstanding } from '../../../src/call/lane/outstanding.ts';

interface Stub {
  sentAs: number;
  pace: Pace;
  stream: object | undefined;
}

/** The facts that a call is known by. */
const stub = (pace: Pace, streams = false): Stub => ({ sentAs: 0, pace, stream: streams ? {} : undefined });
const asCall = (call: Stub): Call => call as unknown as Call;

function add(outstanding: Outstanding, call: Stub): number {
  call.sentAs = outstanding.next;
  outstanding.add(asCall(call), call.pace);
  return call.sentAs;
}

/** A step: adds a call with a pace, or removes the call at a distance from the oldest. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ pace: fc.constantFrom(Pace.slow, Pace.quick, Pace.brief), streams: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.nat(40) },
);

test('is what a map in the order of ids would be, also where ids begin anew at the least', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 2 ** 31 - 20, -3), fc.array(step, { maxLength: 300 }), (first, steps) => {
      const outstanding = new Outstanding(first);
      const model = new Map<number, Stub>();
      for (const one of steps) {
        if (typeof one === 'number') {
          const call = [...model.values()][one % Math.max(1, model.size)];
          if (!call) continue;
          outstanding.delete(asCall(call));
          model.delete(call.sentAs);
        } else {
          const call = stub(one.pace, one.streams);
          model.set(add(outstanding, call), call);
        }
        const calls = [...model.values()];
        expect(outstanding.all()).toEqual(calls);
        expect(outstanding.first).toBe(calls[0]);
        expect(outstanding).toMatchObject({
          size: calls.length,
          brief: calls.filter(({ pace }) => pace === Pace.brief).length,
          quick: calls.filter(({ pace }) => pace !== Pace.slow).length,
          streams: calls.filter(({ stream }) => stream).length,
        });
      }
      for (const [id, call] of model) expect(outstanding.get(id)).toBe(call);
      expect(outstanding.get(outstanding.next)).toBeUndefined();
      expect(outstanding.get((first - 1) | 0)).toBeUndefined();
    }),
  );
});

test('an id that is not there is not taken for one that is', () => {
  const outstanding = new Outstanding(1);
  const id = add(outstanding, stub(Pace.brief));

  expect(outstanding.get(id)).toBeDefined();
  for (const other of [id - 16, id + 16, id + 32, -id, 0]) expect(outstanding.get(other)).toBeUndefined();
});

test('clear leaves nothing, and ids go on', () => {
  const outstanding = new Outstanding(1);
  for (let i = 0; i < 40; i += 1) add(outstanding, stub(Pace.quick, true));
  outstanding.clear();

  expect(outstanding).toMatchObject({ size: 0, brief: 0, quick: 0, streams: 0, first: undefined, next: 41 });
  expect(add(outstanding, stub(Pace.slow))).toBe(41);
  expect(outstanding.all()).toHaveLength(1);
});

test('does not grow with the calls that come and go while one is out', () => {
  const outstanding = new Outstanding(1);
  const lasting = stub(Pace.brief);
  add(outstanding, lasting);
  for (let i = 0; i < 100_000; i += 1) {
    const call = stub(Pace.quick);
    add(outstanding, call);
    if (i === 50_000) expect(outstanding.all()).toEqual([lasting, call]);
    outstanding.delete(asCall(call));
  }

  expect([outstanding.first, outstanding.get(1), outstanding.size]).toEqual([lasting, lasting, 1]);
  expect([outstanding.brief, outstanding.quick]).toEqual([1, 1]);
  outstanding.delete(asCall(lasting));
  expect([outstanding.first, outstanding.size, outstanding.quick]).toEqual([undefined, 0, 0]);
});

/** As a thread that takes the call `id`, which it was offered. */
function take(outstanding: Outstanding, id: number): Stub {
  const call = stub(Pace.slow);
  call.sentAs = id;
  outstanding.addTaken(asCall(call));
  return call;
}

test('has calls at the ids that were left out for them, in the order of ids', () => {
  const outstanding = new Outstanding(1);
  const running = stub(Pace.slow);
  add(outstanding, running);
  const [second, third] = [outstanding.skip(), outstanding.skip()];
  const last = stub(Pace.quick);
  add(outstanding, last);
  expect(outstanding.get(second)).toBeUndefined();
  const taken = take(outstanding, third);

  expect(outstanding.all()).toEqual([running, taken, last]);
  expect(outstanding).toMatchObject({ size: 3, quick: 1, first: running, next: 5 });
  outstanding.delete(asCall(running));
  outstanding.delete(asCall(last));
  expect(outstanding).toMatchObject({ size: 1, quick: 0, first: taken });
  expect(outstanding.get(third)).toBe(taken);
});

test.each([16, 17, 1000])('goes on with calls after %s ids that nobody has taken', (count) => {
  const outstanding = new Outstanding(1);
  const running = stub(Pace.brief);
  add(outstanding, running);
  for (let i = 0; i < count; i += 1) outstanding.skip();
  const taken = take(outstanding, outstanding.next - 1);
  const next = stub(Pace.brief);
  add(outstanding, next);

  expect(outstanding.all()).toEqual([running, taken, next]);
  expect(outstanding.first).toBe(running);
  for (const call of [running, taken, next]) expect(outstanding.get(call.sentAs)).toBe(call);
  for (const call of [running, next, taken]) outstanding.delete(asCall(call));
  expect(outstanding).toMatchObject({ size: 0, brief: 0, quick: 0, first: undefined });
  const late = take(outstanding, outstanding.skip());
  expect(outstanding.all()).toEqual([late]);
});

test('has a taken call that is older than all that are there', () => {
  const outstanding = new Outstanding(1);
  const id = outstanding.skip();
  const later = stub(Pace.slow);
  add(outstanding, later);
  const taken = take(outstanding, id);

  expect(outstanding.all()).toEqual([taken, later]);
  expect(outstanding.first).toBe(taken);
  outstanding.delete(asCall(taken));
  expect(outstanding.first).toBe(later);
});
