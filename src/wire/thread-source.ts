/** Threads of their own for single calls: what is known of them, and who gives them, on either side. @module */

import { shared } from '../base/realm.ts';
import type { LaneOffer } from './messages.ts';
import type { WiredThread } from './wire.ts';

/** How a thread ended. */
export interface ThreadEnd {
  readonly exitCode: number;
  readonly threadId: number;

  /** The error that ended it, if there was one. */
  readonly cause: unknown;
}

/**
 * Why a thread has ended, or was replaced:
 *
 * - `'aborted'`: a call that it ran was given up, and could not end by itself
 * - `'age'`, `'calls'`, `'heap'`: it had reached `maxAge`, `maxTasksPerThread` or `maxHeap` of its pool
 * - `'closed'`: its pool was closed or terminated
 * - `'discarded'`: while it loaded the program's own file, it was about to do what only the program may do; another one
 *   leaves that out
 * - `'done'`: the one call that it was for is over, or has not come
 * - `'error'`: an error in it was not caught, or it had no memory left; the event has the `error`
 * - `'exit'`: it has ended itself, by `process.exit()`; the event has the `exitCode`
 * - `'idle'`: it had no call for `idleTimeout`, or is not needed beside those of the pool any more
 * - `'recycled'`: `recycle()` was called, or a module that it had loaded was loaded anew
 * - `'unreadable'`: a message to it or from it could not be read, or what it has loaded is of no use
 */
export type ThreadEndReason =
  | 'aborted'
  | 'age'
  | 'calls'
  | 'closed'
  | 'discarded'
  | 'done'
  | 'error'
  | 'exit'
  | 'heap'
  | 'idle'
  | 'recycled'
  | 'unreadable';

/** What is known of a call that a thread is wanted for. */
export interface ThreadWish {
  /** The URL of its module. */
  readonly url?: string | undefined;

  /** What it is to find in `process.argv`, after the first two; else what the program has there. */
  readonly argv?: readonly string[] | undefined;
}

/** A thread for one call, and the near end of the line to it, which nobody has opened yet. */
export interface Standby extends WiredThread {
  readonly near: LaneOffer;

  /** The URL of the module that it is loading before its call comes; `undefined` if none. */
  readonly loading?: string | undefined;
  terminate(reason: ThreadEndReason): void;

  /** Resolves once the thread has ended. */
  readonly ended: Promise<ThreadEnd>;
}

interface ThreadSource {
  /** On the main side. */
  start: ((wish: ThreadWish) => Standby) | undefined;

  /** In a thread of the library. */
  borrow: ((wish: ThreadWish) => Promise<Standby>) | undefined;
}

const source = shared('thread source', (): ThreadSource => ({ start: undefined, borrow: undefined }));

/**
 * Starts a thread for one call of another thread.
 *
 * @throws What `start` of {@link lendThreadsBy} does.
 */
export function startThread(wish: ThreadWish): Standby {
  if (!source.start) throw new Error('Cannot start a thread: the main side has made no call yet');
  return source.start(wish);
}

/** Makes `start` the one that gives threads for the calls of threads. */
export function lendThreadsBy(start: (wish: ThreadWish) => Standby): void {
  source.start = start;
}

/** Makes `borrow` the one that gets threads for the calls of this thread. */
export function borrowThreadsBy(borrow: (wish: ThreadWish) => Promise<Standby>): void {
  source.borrow = borrow;
}

/** Gets a thread for one call of this thread. */
export async function borrowThread(wish: ThreadWish): Promise<Standby> {
  if (!source.borrow) throw new Error('Cannot start a thread: this is not a thread of the library');
  return source.borrow(wish);
}
