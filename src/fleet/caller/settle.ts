/** Settles calls by what their functions have thrown. @module */

import { now } from '../../base/clock.ts';
import type { Call } from '../../call/call.ts';
import { joinStacks } from '../../codec/errors/stacks.ts';

/** Rejects with `error`, which the function has thrown after it `ran` so many milliseconds, if it ran. */
export function settleBy(call: Call, error: unknown, ran: number | undefined): void {
  joinStacks(error, call.callerStack);
  if (ran === undefined || call.callerStack !== undefined || !(error instanceof Error)) call.fail(error, ran, now());
  else call.failAwaited(error, ran, now());
}
