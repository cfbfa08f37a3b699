/** Threads of their own for single calls: what is known of them, and who gives them, on either side. @module */

import { shared } from '../base/realm.ts';
import type { LaneOffer } from './offer.ts';
import type { ThreadEnd, ThreadEndReason, ThreadWish } from './thread-end.ts';
import type { WiredThread } from './wire.ts';

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
