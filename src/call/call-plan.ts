/** How a call is to be made, and who is told of it. @module */

import { bare } from '../base/options.ts';
import type { Transferable } from 'node:worker_threads';
import type { Limits } from './limits.ts';
import type { Sink } from './print.ts';

/** How a call is to be made. */
export interface CallPlan extends Limits {
  readonly priority: number;
  readonly key?: string | number | undefined;
  readonly transfer?: readonly Transferable[] | undefined;

  /** Whether the process may end while the call is out. */
  readonly detach?: boolean | undefined;

  /** What a thread of its own finds in `process.argv`, after the first two. */
  readonly argv?: readonly string[] | undefined;

  /** Where what a thread of its own prints goes. */
  readonly stdout?: Sink | undefined;
  readonly stderr?: Sink | undefined;
}

/** How a call is made that nothing is said about. */
export const plainPlan: CallPlan = bare({ timeout: Infinity, queueTimeout: Infinity, priority: 0 });

/** Told how a call went; times in milliseconds, `undefined` where it never ran. */
export type CallObserver = (isReturned: boolean, waited: number | undefined, ran: number | undefined) => void;

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

/** Where a call was made, for its errors, and when. */
export interface Caller {
  readonly stack?: string | undefined;
  readonly at: number;
}
