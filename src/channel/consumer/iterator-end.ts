/** How the iterator over a generator in another thread ends: with the generator, by its consumer, or by a signal. @module */

import { after } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { reasonOf } from '../../base/signal.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import type { ItemCall, ItemLink } from '../call-stream.ts';
import type { Inbox } from '../inbox.ts';
import type { Waiters } from '../waiters.ts';

/** The result after the last item. */
export type Outcome<R> = { readonly value: R } | { readonly error: unknown };

/** What ends with the iterator. */
export interface EndingParts<T, R> {
  readonly call: ItemCall<unknown>;
  readonly link: ItemLink<unknown>;
  readonly inbox: Inbox;
  readonly waiters: Waiters<T, R>;
}

/**
 * The end of one iterator.
 *
 * Invariant: once the iterator is over, nobody waits for an item; the process is let go of once its generator has ended,
 * too.
 */
export class IteratorEnd<T, R> {
  // Fields, because each `next()` reads them.

  /** Of the consumer: whether the call was submitted. */
  isStarted = false;

  /** Whether no more items are given. Only this class writes it. */
  isOver = false;

  /** How the call has settled: its result comes after the items that are left. Only this class writes it. */
  outcome: Outcome<R> | undefined;

  readonly #call: ItemCall<unknown>;
  readonly #link: ItemLink<unknown>;
  readonly #inbox: Inbox;
  readonly #waiters: Waiters<T, R>;
  readonly #closeTimeout: number;
  #closing: Promise<void> | undefined;

  /** Whether the generator was told to end, and has not yet. */
  #isEnding = false;

  /**
   * Whether the generator's `finally` still runs although its call has settled; other calls may wait for its thread.
   */
  #isOutliving = false;
  #stopSignal: (() => void) | undefined;

  /** The reason of the abort, and whether a promise was rejected with it. */
  #givenUp: { readonly reason: unknown; isTold: boolean } | undefined;

  /** The generator may take `closeTimeout` milliseconds to end once it was closed. */
  constructor({ call, link, inbox, waiters }: EndingParts<T, R>, closeTimeout: number) {
    this.#call = call;
    this.#link = link;
    this.#inbox = inbox;
    this.#waiters = waiters;
    this.#closeTimeout = closeTimeout;
  }

  /** Ends the iterator when `signal` is aborted. */
  watch(signal: AbortSignal): void {
    if (signal.aborted) this.#aborted(reasonOf(signal));
    else this.#stopSignal = onAbort(signal, () => this.#aborted(reasonOf(signal)));
  }

  /** Called when the call has settled. */
  settled(outcome: Outcome<R>): void {
    this.outcome ??= outcome;
    // The call was given up on this side only: the generator has not been told yet.
    if (!this.#link.isAttached) return;
    this.#isOutliving = true;
    this.#link.hold();
    this.#link.end();
  }

  /** Called when the call has left its thread. */
  detached(): void {
    if (!this.#isOutliving) return;
    this.#isOutliving = false;
    this.letGo();
  }

  /** Settles once the generator has ended; rejects with its error, or with the reason of an abort. */
  async ended(): Promise<unknown> {
    const value = await this.#call.promise;
    if (this.#givenUp) throw this.#givenUp.reason;
    return value;
  }

  /** What `next()` gives once the iterator is over. */
  over(): Promise<IteratorResult<T, R>> {
    const givenUp = this.#givenUp;
    if (!givenUp || givenUp.isTold) return Promise.resolve({ value: undefined as R, done: true });
    givenUp.isTold = true;
    return Promise.reject(givenUp.reason);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close(new OffloopError('ERR_OFFLOOP_CLOSED', 'The iterator was closed'));
    return this.#closing;
  }

  /** Ends the iterator: pending `next()` calls are done, and items that are left are dropped. */
  finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#stopSignal?.();
    this.#inbox.clear();
    this.#waiters.finish();
    if (!this.isStarted) this.#call.returned(undefined);
    this.letGo();
  }

  /** Lets the process end, unless the generator is still ending. */
  letGo(): void {
    if (!this.#isEnding && !this.#isOutliving) this.#link.letGo();
  }

  #aborted(reason: unknown): void {
    if (this.isOver) return;
    const first = this.#waiters.shift();
    this.#givenUp = { reason, isTold: first !== undefined };
    first?.reject(reason);
    this.#call.gaveUp(reason);
    if (!this.isStarted) this.#call.fail(reason);
    this.#closing = this.#close(reason);
    this.#closing.catch(() => undefined);
  }

  /** Ends the generator; items that are left are dropped. Rejects with the error that its `finally` throws. */
  async #close(reason: unknown): Promise<void> {
    const isEnding = this.isStarted && this.outcome === undefined;
    this.#isEnding = isEnding;
    this.finish();
    if (!isEnding) return;
    try {
      // A call that was not sent to a thread is aborted instead of being sent.
      if (this.#link.isAttached) await this.#endGenerator(reason);
      else this.#call.abort(reason);
    } finally {
      this.#isEnding = false;
      this.letGo();
    }
  }

  async #endGenerator(reason: unknown): Promise<void> {
    this.#link.hold();
    this.#call.closing();
    this.#link.interrupt(reason);
    const isFirst = this.#link.end();
    const closeTimeout = this.#closeTimeout;
    const text = `The generator did not end within its closeTimeout: ${closeTimeout} ms`;
    const timer = after(closeTimeout, () => this.#call.abort(new OffloopError('ERR_OFFLOOP_TIMEOUT', text)));
    try {
      await this.#call.promise;
    } catch (error) {
      // An error that the generator threw before the close would have come after items that nobody took: it is dropped.
      if (isFirst) throw error;
    } finally {
      timer.cancel();
    }
  }
}
