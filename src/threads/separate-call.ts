/** Runs one call in a thread that is there for it alone. @module */

import { after } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import type { Call } from '../call/call.ts';
import { Lane } from '../call/lane.ts';
import { printHere } from '../call/print.ts';
import { isThenable } from '../base/thenable.ts';
import type { Standby } from '../wire/thread-source.ts';
import type { ThreadEndReason } from '../wire/thread-end.ts';
import { Latch } from '../base/latch.ts';
import { endOf } from '../wire/transport.ts';
import { startError } from './start.ts';

/** How long a call that was given up and can know of it may take to end by itself, in milliseconds. */
const grace = 1000;

/**
 * Runs `call` in a thread that `start` gives, which ends with it. Resolves once that was told to end, or has ended. If it
 * gives itself up before the call has begun to run, there is another one.
 */
export async function runSeparately(call: Call, start: () => Standby | Promise<Standby>): Promise<void> {
  for (;;) {
    const started = start();
    // In the turn of the call, if it can be: the caller may change the arguments after that.
    // oxlint-disable-next-line no-await-in-loop
    const standby = isThenable(started) ? await started : started;
    // One after the other: each knows more than the one before it.
    // oxlint-disable-next-line no-await-in-loop
    const left = await runIn(call, standby);
    if (!left || call.settled) return;
    if (!left.isDiscarded) return call.fail(startError(left.reason));
  }
}

/** Why a call has not begun to run. */
interface Left {
  readonly reason: unknown;
  readonly isDiscarded: boolean;
}

async function runIn(call: Call, standby: Standby): Promise<Left | undefined> {
  const over = new Latch();
  const endThread = (reason: ThreadEndReason): void => {
    standby.terminate(reason);
    lane.reclaim();
    over.open();
  };
  const lane: Lane = new Lane(endOf(standby.near), {
    onPrint: (stream, chunk) => printHere(stream, chunk, call.plan),
    onProgress() {
      if (lane.load === 0) endThread('done');
    },
    onLoss({ left, end }) {
      for (const unstarted of left) unstarted.fail(startError('what was sent to it could not be read'));
      if (end === 'now') endThread('unreadable');
    },
  });
  lane.attach(standby);
  call.holder = {
    gone(_, reason) {
      lane.catchUp();
      // One that was told before has had its time.
      if (call.isInterrupted || !lane.interrupt(call, reason)) endThread('aborted');
      else after(call.stream?.closeTimeout ?? grace, () => endThread('aborted'));
    },
  };
  if (call.settled || !lane.send(call)) endThread('done');
  return Promise.race([over.opened.then(() => undefined), settleAtEnd(lane, standby, call)]);
}

async function settleAtEnd(lane: Lane, { ended }: Standby, call: Call): Promise<Left | undefined> {
  const end = await ended;
  const reason = end.cause ?? `it exited with code ${end.exitCode}`;
  return lane.end(end).includes(call) ? { reason, isDiscarded: lane.isDiscarded } : undefined;
}
