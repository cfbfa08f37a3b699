/** Threads of their own for calls that are made in a thread: the main side starts them and gives its end away. @module */

import { packThrown } from '../codec/error-codec.ts';
import { forgetLate, recover, recoverLate } from '../wait/holders.ts';
import { Down } from '../wire/messages.ts';
import type { DownRecord, LaneOffer } from '../wire/messages.ts';
import { shared } from '../base/realm.ts';
import type { Outbox } from '../wire/outbox.ts';
import type { WiredThread } from '../wire/wire.ts';

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

/**
 * The threads that one thread has asked for.
 *
 * Invariant: none of them outlives the one that asked.
 */
export class ThreadLender {
  readonly #outbox: Outbox<DownRecord>;
  readonly #lent = new Map<number, Standby>();

  /** Ids of threads that have ended, by their requests: the one that asked may still have something to say of them. */
  readonly #late = new Map<number, number>();
  #isClosed = false;
  #isOver = false;

  constructor(outbox: Outbox<DownRecord>) {
    this.#outbox = outbox;
  }

  lend(requestId: number, wish: ThreadWish): void {
    try {
      if (!source.start) throw new Error('Cannot start a thread: the main side has made no call yet');
      const standby = source.start(wish);
      this.#lent.set(requestId, standby);
      standby.unref();
      void standby.ended.then((end) => this.#ended(requestId, end));
      const { near } = standby;
      this.#outbox.send([Down.thread, requestId, near, standby.threadId, undefined, undefined], [near.port]);
    } catch (error) {
      this.#outbox.send([Down.noThread, requestId, packThrown(error), undefined, undefined, undefined]);
    }
  }

  /** Ends a thread. Without a `reason` it has ended, and the one that asked has nothing more to say of it. */
  end(requestId: number, reason: ThreadEndReason | undefined): void {
    if (reason) this.#lent.get(requestId)?.terminate(reason);
    else this.#forget(requestId);
  }

  /** The one that asked was told to end. */
  close(): void {
    this.#isClosed = true;
    for (const standby of this.#lent.values()) standby.terminate('aborted');
  }

  /** It has ended. */
  finish(): void {
    this.close();
    this.#isOver = true;
    for (const requestId of this.#late.keys()) this.#forget(requestId);
  }

  #forget(requestId: number): void {
    const threadId = this.#late.get(requestId);
    if (threadId === undefined) return;
    this.#late.delete(requestId);
    forgetLate(threadId);
  }

  #ended(requestId: number, { exitCode, threadId, cause }: ThreadEnd): void {
    this.#lent.delete(requestId);
    if (this.#isOver) return recover(threadId);
    recoverLate(threadId);
    this.#late.set(requestId, threadId);
    if (this.#isClosed) return;
    const packed = cause === undefined ? undefined : packThrown(cause);
    this.#outbox.send([Down.threadEnd, requestId, exitCode, threadId, packed, undefined]);
  }
}
