/** Decides what happens to the calls of a lane when one of its messages could not be read. @module */

import { OffloopError } from '../../base/errors.ts';
import type { Call } from '../call.ts';
import { isMovable } from '../travel.ts';
import type { Outstanding } from './outstanding.ts';
import type { Recovery } from './recovery.ts';
import type { Standing } from './standing.ts';

/** The consequences of a lost message. */
export interface Loss {
  /** The calls that have not started: they were taken back, and can be sent again. */
  readonly left: readonly Call[];

  /**
   * Whether the thread has to be ended: `now`, if its running call may wait for the lost record or has lost its answer;
   * `later`, once the running call is over.
   */
  readonly end: 'now' | 'later' | 'never';
}

/** The lane whose message was lost. */
export interface LosingLane {
  readonly calls: Outstanding;
  readonly standing: Standing;
  readonly recovery: Recovery;

  /** Called when `call` is no longer outstanding. */
  forget(call: Call): void;
}

/**
 * Handles a lost message to the thread. It may belong to any outstanding call except the small ones, which can be
 * resent.
 */
export function lostBelow(lane: LosingLane, cause: unknown): Loss {
  const error = lossError('Cannot read a message of another thread: what it holds cannot be made there', cause);
  const left = lane.recovery.takeBack();
  for (const call of left) if (!isMovable(call)) fail(call, error());
  let isRunning = false;
  for (const call of lane.calls.all()) {
    call.fail(error());
    if (lane.standing.hasBegun(call)) isRunning = true;
    // The call has not started, and never will.
    else lane.forget(call);
  }
  // The first `takeBack` may have stopped at a call that is now forgotten: the calls behind it can be taken back now.
  lane.recovery.takeBack();
  // The lost message may have been a reply that the running call waits for.
  return { left: left.filter(({ settled }) => !settled), end: isRunning ? 'now' : 'never' };
}

/**
 * Handles a lost message from the thread. It may have held the answer of any call that had begun when it was sent;
 * `sender` is the last of these calls, if known. Calls that began later have lost nothing, and go on.
 */
export function lostAbove(lane: LosingLane, cause: unknown, sender: number | undefined): Loss {
  const error = lossError('Cannot read what a thread has sent: what it holds cannot be made here', cause);
  const left = lane.recovery.takeBack();
  const begun = lane.calls.all().filter((call) => lane.standing.hasBegun(call));
  const safe = begun.filter(({ sentAs }) => sender !== undefined && ((sentAs - sender) | 0) > 0);
  for (const call of begun) {
    if (safe.includes(call)) continue;
    fail(call, error());
    if (safe.length > 0) lane.forget(call);
  }
  return { left, end: safe.length > 0 ? 'later' : 'now' };
}

/** Rejects `call`, and ends its loans. */
function fail(call: Call, error: OffloopError): void {
  call.fail(error);
  call.finished();
}

function lossError(text: string, cause: unknown): () => OffloopError {
  return () => new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, { cause });
}
