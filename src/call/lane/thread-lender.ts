/** Lends dedicated threads to a thread: the main side starts them, and passes its ends of their lanes on. @module */

import { packThrown } from '../../codec/errors/codec.ts';
import { forgetLate, recover, recoverLate } from '../../wait/holders.ts';
import * as down from '../../wire/down.ts';
import type { DownRecord } from '../../wire/messages.ts';
import type { Outbox } from '../../wire/outbox.ts';
import { startThread } from '../../wire/thread-source.ts';
import type { Standby } from '../../wire/thread-source.ts';
import type { ThreadEnd, ThreadEndReason, ThreadWish } from '../../wire/thread-end.ts';

/**
 * The threads that one thread, the borrower, has asked for.
 *
 * Invariant: none of them outlives the borrower.
 */
export class ThreadLender {
  readonly #outbox: Outbox<DownRecord>;
  readonly #lent = new Map<number, Standby>();

  /** Ids of ended threads, by their requests: the borrower may still pass on notes of these threads. */
  readonly #late = new Map<number, number>();
  #isClosed = false;
  #isOver = false;

  constructor(outbox: Outbox<DownRecord>) {
    this.#outbox = outbox;
  }

  lend(requestId: number, wish: ThreadWish): void {
    try {
      const standby = startThread(wish);
      this.#lent.set(requestId, standby);
      standby.unref();
      void standby.ended.then((end) => this.#ended(requestId, end));
      const { near } = standby;
      this.#outbox.send(down.thread(requestId, near, standby.threadId), [near.port]);
    } catch (error) {
      this.#outbox.send(down.noThread(requestId, packThrown(error)));
    }
  }

  /** Ends a thread. Without a `reason`, the thread has ended, and the borrower has passed on all of its notes. */
  end(requestId: number, reason: ThreadEndReason | undefined): void {
    if (reason) this.#lent.get(requestId)?.terminate(reason);
    else this.#forget(requestId);
  }

  /** Called when the borrower was told to end. */
  close(): void {
    this.#isClosed = true;
    for (const standby of this.#lent.values()) standby.terminate('aborted');
  }

  /** Called when the borrower has ended. */
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
    this.#outbox.send(down.threadEnd(requestId, { exitCode, threadId, cause: packed }));
  }
}
