/**
 * Which call may be sent behind which. The other end of the lane is not there: nothing starts, but for the first call.
 * @module
 */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { nothingLearnt } from '../../src/codec/quick/learnt.ts';
import type { Definition } from '../../src/address/registry.ts';
import { Call } from '../../src/call/call.ts';
import { plainPlan } from '../../src/call/call-plan.ts';
import type { CallPlan } from '../../src/call/call-plan.ts';
import { Lane } from '../../src/call/lane/lane.ts';
import { LaneWord } from '../../src/wire/control.ts';
import { endOf } from '../../src/wire/transport.ts';
import { wireEnds } from '../../src/wire/wire.ts';
import { emptySlot, hasRoom } from '../../src/pool/threads/slot.ts';
import type { Slot } from '../../src/pool/threads/pool-thread.ts';

interface Made {
  /** The run time of the function's calls, in milliseconds. */
  readonly cost?: number;
  readonly args?: unknown[];
  readonly plan?: Partial<CallPlan>;
}

let lane: Lane;
let control: Int32Array;

beforeEach(() => {
  const { near } = wireEnds();
  ({ control } = near);
  lane = new Lane(endOf(near), { onProgress: () => undefined, onLoss: () => undefined }, () => ({ local: 1 }));
});
afterEach(() => lane.close());

function made({ cost = 5, args = [1], plan = {} }: Made): Call {
  const definition = { id: 1, name: 'fn', fn: () => 1, learnt: { ...nothingLearnt(), cost } } as unknown as Definition;
  const call = new Call(definition, args, { ...plainPlan, ...plan }, { at: 0 });
  call.promise.catch(() => undefined);
  return call;
}

/** The place of a thread that is ready. */
function place(options: Partial<Slot>): Slot {
  const slot = emptySlot({ onForgotten: () => undefined }, options);
  slot.thread = {
    isReady: true,
    isEnding: false,
    isStale: false,
    isBlocked: false,
    lane,
  } as unknown as Slot['thread'];
  return slot;
}

/** Claims the first call, as a thread does that has its function. */
function start(): void {
  Atomics.store(control, LaneWord.next, 2);
}

const brief = { cost: 0.001 };
const bytes = { args: [new Uint8Array(100_000)] };
const shared = { args: [new Int32Array(new SharedArrayBuffer(8))] };

test.each<[string, Partial<Slot>, Made[], Made, boolean]>([
  ['a brief one behind brief ones', {}, [brief, brief], brief, true],
  ['a brief one behind a long one', {}, [{}], brief, false],
  ['a long one behind another', {}, [{}], {}, false],
  ['a long one behind another, in the only thread', { isOnly: true }, [{}], {}, true],
  ['one with limits of its own', { isOnly: true }, [{}], { plan: { timeout: 10, signal: AbortSignal.abort() } }, true],
  ['a third one', { isOnly: true }, [{}, {}], {}, false],
  ['one that may not wait for long', { isOnly: true }, [{}], { plan: { queueTimeout: 10 } }, false],
  ['one that lets others pass', { isOnly: true }, [{}], { plan: { priority: -1 } }, false],
  ['one whose arguments are not small', { isOnly: true }, [{}], bytes, false],
  ['one behind another that may ask for something', { isOnly: true }, [{ args: [() => 1] }], {}, false],
  // If the call behind it were given up, its thread would be terminated, and this call lost.
  ['one behind another that cannot be taken back', { isOnly: true }, [bytes], {}, false],
  ['one behind another that shares memory', { isOnly: true }, [shared], {}, false],
])('%s', (_, options, before, next, may) => {
  for (const call of before) lane.sender.send(made(call));
  start();

  expect(hasRoom(place(options), made(next))).toBe(may);
});

test.each([{}, { isOnly: true }])('nothing waits behind a call whose module is loaded first, in %j', (options) => {
  lane.sender.send(made(brief));
  expect(hasRoom(place(options), made(brief))).toBe(false);

  start();
  expect(hasRoom(place(options), made(brief))).toBe(true);
});

test('nothing waits behind a call that was given up', () => {
  const first = made({});
  lane.sender.send(first);
  start();
  first.fail(new Error('given up'));

  expect(hasRoom(place({ isOnly: true }), made({}))).toBe(false);
});
