/** Publishes calls on diagnostics channels; costs nothing while nobody has subscribed. @module */

import { tracingChannel } from 'node:diagnostics_channel';
import type { ItemSource } from '../channel/item-source.ts';
import type { CallTrace } from '../call/call-plan.ts';

/** The channels `tracing:offloop:call:start`, `…:end`, `…:asyncStart`, `…:asyncEnd` and `…:error`. */
const { start, end, asyncStart, asyncEnd, error } = tracingChannel('offloop:call');
const channel = tracingChannel({ start, end, asyncStart, asyncEnd, error });

/** Whether any channel has a subscriber. Node.js 20 has no `TracingChannel.hasSubscribers`. */
export function isTraced(): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}

/** Runs `make`, which makes a call. Subscribers get `trace` at each step, with what is known at that point. */
export function traceCall(trace: CallTrace, make: () => Promise<unknown>): Promise<unknown> {
  return channel.tracePromise(make, trace);
}

/** The items of a call, and the end of its generator. */
export interface Traced {
  readonly items: ItemSource<unknown, unknown, unknown>;

  /** Settles once the generator has ended: with its return value or its error. */
  ended(): Promise<unknown>;
}

/**
 * As {@link traceCall}, for a call that returns an iterator: the asynchronous steps are published when the generator
 * ends.
 */
export function traceItems(trace: CallTrace, open: (trace: CallTrace) => Traced): Traced {
  let traced!: Traced;
  traceCall(trace, () => {
    traced = open(trace);
    return traced.ended();
  }).catch(() => undefined);
  return traced;
}
