/** Gives dedicated threads for single calls: the main side starts them, other threads borrow them. @module */

import { shared } from '../base/realm.ts';
import type { LaneOffer } from './offer.ts';
import type { ThreadEnd, ThreadEndReason, ThreadWish } from './thread-end.ts';
import type { WiredThread } from './wire.ts';

/** A thread for one call, with the near end of its lane, which is not open yet. */
export interface Standby extends WiredThread {
  readonly near: LaneOffer;

  /** The URL of the module that the thread loads before its call comes, if any. */
  readonly loading?: string | undefined;

  /** Whether the thread closed its lane, before anybody used that: it ends, or has ended, and takes no calls. */
  readonly isGone?: boolean | undefined;
  terminate(reason: ThreadEndReason): void;

  /** Resolves once the thread has ended. */
  readonly ended: Promise<ThreadEnd>;
}

interface ThreadSource {
  /** Starts a thread, on the main side. */
  start: ((wish: ThreadWish) => Standby) | undefined;

  /** Borrows a thread, in a thread of the library. */
  borrow: ((wish: ThreadWish) => Promise<Standby>) | undefined;
}

const source = shared('thread source', (): ThreadSource => ({ start: undefined, borrow: undefined }));

/**
 * Starts a thread for one call of another thread.
 *
 * @throws The errors of the `start` given to {@link lendThreadsBy}.
 */
export function startThread(wish: ThreadWish): Standby {
  if (!source.start) throw new Error('Cannot start a thread: the main side has made no call yet');
  return source.start(wish);
}

/** Makes `start` start the threads for the calls of other threads. */
export function lendThreadsBy(start: (wish: ThreadWish) => Standby): void {
  source.start = start;
}

/** Makes `borrow` get the threads for the calls of this thread. */
export function borrowThreadsBy(borrow: (wish: ThreadWish) => Promise<Standby>): void {
  source.borrow = borrow;
}

/** Gets a thread for one call of this thread. */
export async function borrowThread(wish: ThreadWish): Promise<Standby> {
  if (!source.borrow) throw new Error('Cannot start a thread: this is not a thread of the library');
  return source.borrow(wish);
}
