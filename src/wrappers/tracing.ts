/** Publishes calls on diagnostics channels; costs nothing while nobody has subscribed. @module */

import { channel as diagnosticsChannel, tracingChannel } from 'node:diagnostics_channel';
import type { TracingChannel } from 'node:diagnostics_channel';
import type { ItemSource } from '../channel/item-source.ts';
import type { CallObserver } from '../call/observer.ts';

/** The channels `tracing:offloop:call:start`, `…:end`, `…:asyncStart`, `…:asyncEnd` and `…:error`. */
const { start, end, asyncStart, asyncEnd, error } = tracingChannel<CallTrace, CallTrace>('offloop:call');
const channel = tracingChannel<CallTrace, CallTrace>({ start, end, asyncStart, asyncEnd, error });

/**
 * The tracing channel `offloop:call` of `node:diagnostics_channel`, with the types of what it tells. It tells of every call
 * of every pool and dedicated thread of this copy of Node.js, in the order in which things happen, and costs nothing while
 * nobody has subscribed. An error that a subscriber throws is reported as an uncaught exception, as Node.js does it.
 *
 * @example
 * ```ts
 * callChannel.subscribe({ asyncEnd: ({ name, pool, runTime }) => console.log(name, pool, runTime) });
 * ```
 */
export const callChannel: TracingChannel<CallTrace, CallTrace> = channel;

/**
 * What the subscribers of the tracing channel `offloop:call` are given: one object for each call, which fills as the call
 * goes on.
 */
export interface CallTrace {
  /** The function's name. */
  readonly name: string;

  /** Which wrapper: `threaded`, `threadedSeparate`, `threadedIterable`, `threadedIterableSeparate` or `offload`. */
  readonly wrapper: string;
  readonly args: readonly unknown[];

  /** The name of the pool, or of another executor; `undefined` for a dedicated thread and in inline mode. */
  readonly pool: string | undefined;

  /** The thread that the call was sent to last. */
  threadId?: number | undefined;

  /**
   * Milliseconds that the call waited, and that the function ran, once it has answered. An iterator waits from its first
   * `next()` on, and runs until its generator has ended, waiting for its consumer included.
   */
  waitTime?: number | undefined;
  runTime?: number | undefined;

  /**
   * What the call resolved with, or rejected with: set by the channel. Of an iterator, once its generator has ended, what
   * that has returned or thrown, or why the iterator was given up.
   */
  result?: unknown;
  error?: unknown;
}

const { getPrototypeOf } = Object;

/**
 * The prototype of a channel that nobody listens to, if it has another one while somebody does: then to compare the
 * prototypes of five channels takes one function where their `hasSubscribers` take six. `undefined` if that is not so.
 */
const idle = ((): unknown => {
  const probe = diagnosticsChannel('offloop:probe');
  const before: unknown = getPrototypeOf(probe);
  const listener = (): void => undefined;
  probe.subscribe(listener);
  const during: unknown = getPrototypeOf(probe);
  probe.unsubscribe(listener);
  return during !== before && getPrototypeOf(probe) === before ? before : undefined;
})();

/** Whether any channel has a subscriber. Node.js 20 has no `TracingChannel.hasSubscribers`. */
export function isTraced(): boolean {
  if (idle !== undefined) {
    return (
      getPrototypeOf(start) !== idle ||
      getPrototypeOf(end) !== idle ||
      getPrototypeOf(asyncStart) !== idle ||
      getPrototypeOf(asyncEnd) !== idle ||
      getPrototypeOf(error) !== idle
    );
  }
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
