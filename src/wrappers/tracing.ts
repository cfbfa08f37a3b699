/** Tells diagnostics channels of calls; costs nothing while nobody listens. @module */

import { tracingChannel } from 'node:diagnostics_channel';
import type { ItemSource } from '../channel/item-source.ts';
import type { CallTrace } from '../call/call-plan.ts';

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

/** The items of a call, and how the generator that gives them ended. */
export interface Traced {
  readonly items: ItemSource<unknown, unknown, unknown>;

  /** Settles once there is no generator any more, with what it returned or why it has failed. */
  ended(): Promise<unknown>;
}

/** As {@link traceCall}, for what gives items: the steps that follow are told when the generator has ended. */
export function traceItems(trace: CallTrace, open: (trace: CallTrace) => Traced): Traced {
  let traced!: Traced;
  traceCall(trace, () => {
    traced = open(trace);
    return traced.ended();
  }).catch(() => undefined);
  return traced;
}
