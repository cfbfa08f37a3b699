/** Ends a call that its thread has and that was given up. @module */

import { after } from '../../base/clock.ts';
import type { Call } from '../../call/call.ts';
import type { Feeder } from './feeder.ts';
import type { PoolThread } from '../threads/pool-thread.ts';

/** What {@link abandon} needs of the pool. */
export interface AbandonHooks {
  readonly feeder: Feeder;

  /** How long a call that can notice it may take to end by itself, in milliseconds. */
  readonly grace: number;
}

/**
 * Takes `call`, which was given up for `reason`, back from `thread`. If it runs and cannot notice that, or does not end,
 * the thread is terminated.
 */
export function abandon(thread: PoolThread, call: Call, reason: unknown, { feeder, grace }: AbandonHooks): void {
  const { lane } = thread;
  // Take back this call, if it has not started, and those behind it. If its module is being loaded, that may never
  // end.
  if (lane.calls.has(call)) feeder.putBack(thread.takeBack());
  if (!lane.calls.has(call) && lane.loads.isFor(call.sentAs)) thread.terminate('aborted');
  // Read results after that: if another call has started by now, the result of this one has arrived.
  lane.catchUp();
  if (!lane.calls.has(call)) return;
  // A call that was interrupted before has had its time.
  if (call.bridge?.isInterrupted || !lane.interrupt(call, reason)) thread.terminate('aborted');
  else after(call.stream?.closeTimeout ?? grace, () => endIfStuck(thread, call));
}

/** Terminates the thread if a call that was given up has not ended. */
function endIfStuck(thread: PoolThread, call: Call): void {
  thread.lane.catchUp();
  if (thread.lane.calls.has(call)) thread.terminate('aborted');
}
