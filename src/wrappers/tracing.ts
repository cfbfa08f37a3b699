/** Publishes calls on diagnostics channels; costs nothing while nobody has subscribed. @module */

import { tracingChannel } from 'node:diagnostics_channel';
import type { ItemSource } from '../channel/item-source.ts';
import type { CallObserver } from '../call/observer.ts';

/** The channels `tracing:offloop:call:start`, `…:end`, `…:asyncStart`, `…:asyncEnd` and `…:error`. */
const { start, end, asyncStart, asyncEnd, error } = tracingChannel('offloop:call');
const channel = tracingChannel({ start, end, asyncStart, asyncEnd, error });

/**
 * What the subscribers of the tracing channel `offloop:call` are given. `error` and `result` are added by the channel: of
 * an iterator, once its generator has ended, what that has thrown or returned, or why the iterator was given up.
 */
export interface CallTrace {
  /** The function's name. */
  readonly name: string;

  /** Which wrapper: `threaded`, `threadedSeparate`, `threadedIterable`, `threadedIterableSeparate` or `offload`. */
  readonly wrapper: string;
  readonly args: readonly unknown[];

  /** The thread that the call was sent to last. */
  threadId?: number | undefined;

  /**
   * Milliseconds that the call waited, and that the function ran, once it has answered. An iterator waits from its first
   * `next()` on, and runs until its generator has ended, waiting for its consumer included.
   */
  waitTime?: number | undefined;
  runTime?: number | undefined;
}

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

/** Notes on `trace` how its call goes. */
export function traceObserver(trace: CallTrace): CallObserver {
  return {
    sent: (threadId) => (trace.threadId = threadId),
    settled: (_, waitTime, runTime) => Object.assign(trace, { waitTime, runTime }),
  };
}
