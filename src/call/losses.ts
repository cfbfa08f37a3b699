/** What a message that could not be read leaves behind of the calls of its lane. @module */

import { OffloopError } from '../base/errors.ts';
import type { Call } from './call.ts';
import type { Outstanding } from './outstanding.ts';
import { isMovable } from './travel.ts';

/** What a message that was lost leaves behind. */
export interface Loss {
  /** The calls that have not started: they are out no longer, and can be sent again. */
  readonly left: readonly Call[];

  /**
   * Whether the thread has to be ended: `now`, if it or a call in it is past what was lost, or waits for that; or once the
   * call has ended that it runs.
   */
  readonly end: 'now' | 'later' | 'never';
}

/** The lane whose message was lost. */
export interface LosingLane {
  readonly calls: Outstanding;

  /** Takes back the calls that the thread has not started. */
  takeBack(): Call[];

  /** Whether the thread has begun with `call`. */
  hasBegun(call: Call): boolean;

  /** `call` is out no longer. */
  forget(call: Call): void;
}

/** A message to the thread was lost, and nothing tells which call it belonged to: but to none that is small. */
export function lostBelow(lane: LosingLane, cause: unknown): Loss {
  const error = lossError('Cannot read a message of another thread: what it holds cannot be made there', cause);
  const left = lane.takeBack();
  for (const call of left) if (!isMovable(call)) fail(call, error());
  let isRunning = false;
  for (const call of lane.calls.all()) {
    call.fail(error());
    if (lane.hasBegun(call)) isRunning = true;
    // It has not started, and never will.
    else lane.forget(call);
  }
  // A call that could not be taken back stood before the ones that follow it.
  lane.takeBack();
  // The lost message may have been a reply that the running call waits for.
  return { left: left.filter(({ settled }) => !settled), end: isRunning ? 'now' : 'never' };
}

/**
 * A message of the thread was lost. It may have been any answer of the calls that had begun when it was sent, or what the
 * last of them, `sender` if that is known, had to say. Those that began later have lost nothing, and go on.
 */
export function lostAbove(lane: LosingLane, cause: unknown, sender: number | undefined): Loss {
  const error = lossError('Cannot read what a thread has sent: what it holds cannot be made here', cause);
  const left = lane.takeBack();
  const begun = lane.calls.all().filter((call) => lane.hasBegun(call));
  const safe = begun.filter(({ sentAs }) => sender !== undefined && ((sentAs - sender) | 0) > 0);
  for (const call of begun) {
    if (safe.includes(call)) continue;
    fail(call, error());
    if (safe.length > 0) lane.forget(call);
  }
  return { left, end: safe.length > 0 ? 'later' : 'now' };
}

/** Rejects `call`, and takes back what it has lent. */
function fail(call: Call, error: OffloopError): void {
  call.fail(error);
  call.finished();
}

function lossError(text: string, cause: unknown): () => OffloopError {
  return () => new OffloopError('ERR_OFFLOOP_NOT_CLONEABLE', text, { cause });
}
