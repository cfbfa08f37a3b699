/** Tells diagnostics channels of calls; costs nothing while nobody listens. @module */

import { tracingChannel } from 'node:diagnostics_channel';
import type { CallTrace } from '../lane/call-plan.ts';

/** Channels `tracing:offloop:call:start`, `…:end`, `…:asyncStart`, `…:asyncEnd` and `…:error`. */
const { start, end, asyncStart, asyncEnd, error } = tracingChannel('offloop:call');
const channel = tracingChannel({ start, end, asyncStart, asyncEnd, error });

/** Whether anybody listens. `TracingChannel.hasSubscribers` is not there on Node.js 20. */
export function isTraced(): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}

/** Makes a call as `make` does; the subscribers are given `trace` at each step, with what is known by then. */
export function traceCall(trace: CallTrace, make: () => Promise<unknown>): Promise<unknown> {
  return channel.tracePromise(make, trace);
}
