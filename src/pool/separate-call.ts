/** Runs one call in a thread that is there for it alone. @module */

import { after } from '../clock.ts';
import { Promise } from '../intrinsics.ts';
import type { Call } from '../lane/call.ts';
import { Lane } from '../lane/lane.ts';
import type { Standby } from '../lane/thread-lender.ts';
import { Latch } from './latch.ts';
import { startError } from './start.ts';

/** How long a call that was given up and can know of it may take to end by itself, in milliseconds. */
const grace = 1000;

/** Runs `call` in the thread of `standby`, which ends with it. Resolves once the thread was told to end, or has ended. */
export async function runSeparately(call: Call, standby: Standby): Promise<void> {
  const over = new Latch();
  const endThread = (): void => {
    standby.terminate();
    lane.reclaim();
    over.open();
  };
  const lane: Lane = new Lane(standby.near, {
    onProgress() {
      if (lane.load === 0) endThread();
    },
    onLoss: endThread,
  });
  lane.attach(standby);
  call.holder = {
    gone(_, reason) {
      lane.catchUp();
      if (lane.interrupt(call, reason)) after(grace, endThread);
      else endThread();
    },
  };
  if (call.settled || !lane.send(call)) endThread();
  await Promise.race([over.opened, settleAtEnd(lane, standby)]);
}

async function settleAtEnd(lane: Lane, { ended }: Standby): Promise<void> {
  const end = await ended;
  const reason = end.cause ?? `it exited with code ${end.exitCode}`;
  for (const unstarted of lane.end(end)) unstarted.fail(startError(reason));
}
