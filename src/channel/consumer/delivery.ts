/** Gives the items of a generator to the `next()` and `throw()` calls that wait for them, in order. @module */

import { poll } from '../../wait/poll.ts';
import type { ItemLink } from '../call-stream.ts';
import type { Inbox } from '../inbox.ts';
import { NONE } from '../ring/reader.ts';
import { RingWord, sleeping, waiting } from '../ring/ring.ts';
import type { Waiters } from '../waiters.ts';
import type { IteratorEnd, Outcome } from './iterator-end.ts';
import type { Pace } from './pace.ts';
import { Raise } from './raise.ts';

/** What a delivery works with. */
export interface DeliveryParts<T, R> {
  readonly link: ItemLink<unknown>;
  readonly inbox: Inbox;

  /** The head of the ring from which the inbox takes. */
  readonly header: Int32Array;
  readonly waiters: Waiters<T, R>;
  readonly pace: Pace;
  readonly end: IteratorEnd<T, R>;

  /** Whether the generator is asked for one item at a time. */
  readonly isLockStep: boolean;
}

/**
 * The delivery of one iterator's items.
 *
 * Invariant: nobody waits while there is an item to give; the end is given once, after all items.
 */
export class Delivery<T, R> {
  readonly #link: ItemLink<unknown>;
  readonly #inbox: Inbox;
  readonly #header: Int32Array;
  readonly #waiters: Waiters<T, R>;
  readonly #pace: Pace;
  readonly #end: IteratorEnd<T, R>;
  readonly #isLockStep: boolean;

  /** The error of the first waiter, if that is a `throw()` which has begun. */
  #raise: Raise | undefined;

  /** Whether `pump` was called while messages were being read, and has to run again. */
  #isMissed = false;

  constructor({ link, inbox, header, waiters, pace, end, isLockStep }: DeliveryParts<T, R>) {
    this.#link = link;
    this.#inbox = inbox;
    this.#header = header;
    this.#waiters = waiters;
    this.#pace = pace;
    this.#end = end;
    this.#isLockStep = isLockStep;
  }

  /** Takes the next item, which is that of the first who waits; `NONE` if there is none. */
  take(): unknown {
    const item = this.#inbox.take();
    if (item !== NONE && this.#isLockStep) this.#link.begun();
    else if (item !== NONE && Atomics.load(this.#header, RingWord.producer) !== waiting.no) this.#link.tookSome();
    return item;
  }

  /** Waits for the next item; if an error is `thrown`, for what the generator makes of it. */
  wait(thrown?: { readonly error: unknown }): Promise<IteratorResult<T, R>> {
    const result = this.#waiters.wait(thrown);
    if (this.#link.isAttached) this.#pace.spin(this.#header);
    this.pump();
    if (this.#waiters.size > 0) {
      this.#link.hold();
      if (this.#link.isAttached && !this.#pace.isTurning) poll(this);
    }
    return result;
  }

  /** Gives what there is to those who wait. */
  pump(): void {
    const { isReading } = this.#inbox;
    if (isReading) this.#isMissed = true;
    if (this.#pace.isTurning || isReading) return;
    for (let waiter = this.#waiters.first; waiter; waiter = this.#waiters.first) {
      if (waiter.thrown && !this.#isLockStep && !this.#isReceived(waiter.thrown.error)) break;
      try {
        const item = this.take();
        if (item === NONE && this.#isMissed) {
          this.#isMissed = false;
          continue;
        }
        if (item === NONE) break;
        waiter.resolve({ value: item as T, done: false });
      } catch (error) {
        waiter.reject(error);
      }
      this.#pace.gave();
      this.#raise = undefined;
      this.#waiters.shift();
    }
    const { outcome } = this.#end;
    if (outcome && this.#waiters.size > 0) this.#giveEnd(outcome);
    if (this.#waiters.size === 0) this.#end.letGo();
  }

  /** Called when there may be items: looks for more of them as long as somebody waits. */
  woken(): void {
    this.pump();
    if (this.#waiters.size > 0) poll(this);
  }

  /** Reads the messages that have arrived, and gives the items for which the notification was among them. */
  catchUp(): void {
    this.#inbox.catchUp();
    if (this.#isMissed) this.pump();
  }

  /** Looks for items without a notification. Gives whether `next()` calls are still pending. */
  look(): boolean {
    this.pump();
    return this.#waiters.size > 0;
  }

  /** Called when polling stops: from now on the producer of the next item has to wake the event loop. */
  rest(): void {
    if (this.#waiters.size === 0) return;
    Atomics.store(this.#header, RingWord.sleeps, sleeping.inLoop);
    // An item may have been produced before its producer could see that the consumer sleeps.
    if (this.#inbox.size > 0) this.pump();
  }

  /** Throws `error`, of the first waiter, at the generator; gives whether that has received it. */
  #isReceived(error: unknown): boolean {
    const raise = (this.#raise ??= new Raise(this.#link, this.#inbox, this.#header));
    if (!this.#end.outcome) raise.send(error);
    return raise.dropBefore();
  }

  #giveEnd(outcome: Outcome<R>): void {
    const { first } = this.#waiters;
    // If the generator ended before it received the error of `throw()`, a return value is not the answer to that error:
    // `finish` rejects with the error. An error of the generator's own comes first.
    const isMissed = first?.thrown !== undefined && !this.#isLockStep && this.#raise?.isReceived !== true;
    if (first && !(isMissed && 'value' in outcome)) {
      this.#waiters.shift();
      if ('error' in outcome) first.reject(outcome.error);
      else first.resolve({ value: outcome.value, done: true });
    }
    this.#end.finish();
  }
}
