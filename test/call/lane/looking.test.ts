/** When turns of the event loop are spent on looking for results; in a process in which nothing was looked for before. @module */

import { expect, test } from 'vitest';
import { nothingLearnt } from '../../../src/codec/quick/learnt.ts';
import type { Definition } from '../../../src/address/registry.ts';
import { Call } from '../../../src/call/call.ts';
import { plainPlan } from '../../../src/call/call-plan.ts';
import type { CallPlan } from '../../../src/call/call-plan.ts';
import { shortCost } from '../../../src/wire/cost.ts';
import { Lane } from '../../../src/call/lane/lane.ts';
import { endOf } from '../../../src/wire/transport.ts';
import { wireEnds } from '../../../src/wire/wire.ts';

/** A quick call. */
function call(args: unknown[], options: Partial<CallPlan> = {}): Call {
  const learnt = { ...nothingLearnt(), cost: shortCost / 2 };
  const definition = { id: 1, name: 'fn', fn: () => 1, learnt } as unknown as Definition;
  const made = new Call(definition, args, { ...plainPlan, ...options }, { at: performance.now() });
  made.promise.catch(() => undefined);
  return made;
}

const open = (): Lane =>
  new Lane(endOf(wireEnds().near), { onProgress: () => undefined, onLoss: () => undefined }, () => ({ local: 1 }));

/** How many turns of the loop are asked for. */
const turns = (): number => process.getActiveResourcesInfo().filter((it) => it === 'Immediate').length;

test('no turn is spent on a quick call that comes alone, whatever its arguments are, but one on another that follows soon', () => {
  const before = turns();
  const lanes = [call([1]), call([new Uint8Array(100_000)]), call([1], { timeout: 1000 })].map((alone) => {
    const lane = open();
    lane.sender.send(alone, false);
    return lane;
  });
  expect(turns()).toBe(before);

  lanes[1]?.sender.send(call([new Uint8Array(100_000)]), false);
  expect(turns()).toBe(before + 1);

  for (const lane of lanes) lane.close();
});
