/** The consumer's end of a generator in another thread. @module */

import { after } from '../../base/clock.ts';
import { onAbort } from '../../codec/live/on-abort.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { ArrivedItem, CallStream, ItemCall, ItemLink } from '../call-stream.ts';
import { poll } from '../../wait/poll.ts';
import { reasonOf } from '../../base/signal.ts';
import { RingWord, openRing, ringMemory, sleeping, waiting } from '../ring/ring.ts';
import type { Overflow, Ring, StreamOffer } from '../ring/ring.ts';
import { NONE } from '../ring/reader.ts';
import { Inbox } from '../inbox.ts';
import type { ItemSource } from '../item-source.ts';
import { Pace } from './pace.ts';
import { Waiters } from '../waiters.ts';

/** The options of one iterator. */
export interface StreamPlan {
  readonly maxSize: number;
  readonly overflow: Overflow;

  /** How long a generator that was closed may take to end, in milliseconds. */
  readonly closeTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Gives a consumer its call and the link to it. */
export interface Supply<Line> {
  readonly call: ItemCall<Line>;

  /** Makes the link from the consumer to the producer's end of `ring`. */
  link(ring: Ring): ItemLink<Line>;

  /** Submits the call to its executor. */
  submit(): void;
}

/** The result after the last item. */
type End<R> = { readonly value: R } | { readonly error: unknown };

/**
 * Takes the items of a generator in order.
 *
 * Invariant: `#waiters` is empty while there is an item to give; the end is given once, after all items.
 */
export class Consumer<T, R, N, Line = unknown> implements ItemSource<T, R, N>, CallStream<Line> {
  readonly offer: StreamOffer;
  readonly closeTimeout: number;
  readonly #call: ItemCall<Line>;
  readonly #submit: () => void;
  readonly #header: Int32Array;
  readonly #inbox: Inbox;
  readonly #link: ItemLink<Line>;
  readonly #isLockStep: boolean;
  readonly #waiters = new Waiters<T, R>();
  #isStarted = false;
  #isOver = false;
  #end: End<R> | undefined;
  #closing: Promise<void> | undefined;
  #isEnding = false;

  /**
   * Whether the generator's `finally` still runs although its call has settled; other calls may wait for its thread.
   */
  #isOutliving = false;

  /** In lock-step: how many items were asked for. */
  #asked = 0;

  /**
   * Progress of the first waiter's error. Until the generator was `given` it, the items that arrive are from before.
   */
  #raised: 'no' | 'sent' | 'given' = 'no';
  readonly #pace = new Pace(() => this.woken());

  /** Whether `#pump` was called while messages were being read, and has to run again. */
  #isMissed = false;
  #stopSignal: (() => void) | undefined;

  /** The reason of the abort, and whether a promise was rejected with it. */
  #givenUp: { readonly reason: unknown; isTold: boolean } | undefined;

  constructor({ call, link, submit }: Supply<Line>, plan: StreamPlan) {
    const { maxSize, overflow, closeTimeout } = plan;
    this.offer = { memory: ringMemory(maxSize), maxSize, overflow, isTimed: call.plan.timeout !== Infinity };
    this.closeTimeout = closeTimeout;
    this.#call = call;
    this.#submit = submit;
    const ring = openRing(this.offer);
    this.#header = ring.header;
    this.#link = link(ring);
    this.#inbox = new Inbox(ring, overflow, {
      restore: (item) => call.restore(item),
      catchUp: () => this.#link.catchUp(),
    });
    this.#isLockStep = maxSize === 0;
    call.stream = this;
    call.promise.then(
      (value) => this.#ended({ value: value as R }),
      (error: unknown) => this.#ended({ error }),
    );
    const { signal } = plan;
    if (signal?.aborted) this.#aborted(reasonOf(signal));
    else if (signal) this.#stopSignal = onAbort(signal, () => this.#aborted(reasonOf(signal)));
  }

  get size(): number {
    return this.#isOver ? 0 : this.#inbox.size;
  }

  get dropped(): number {
    return Atomics.load(this.#header, RingWord.dropped);
  }

  get isClosed(): boolean {
    return this.#isOver;
  }

  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  get isHeld(): boolean {
    return this.#link.isHeld;
  }

  get isResendable(): boolean {
    return this.#link.isResendable;
  }

  /** Whether the generator's thread waits for this consumer to take items. */
  get isBlocked(): boolean {
    const isWaiting = Atomics.load(this.#header, RingWord.producer) !== waiting.no;
    return isWaiting && !this.isAwaited;
  }

  start(): void {
    if (this.#isStarted || this.#isOver) return;
    this.#isStarted = true;
    this.#call.submitted();
    this.#submit();
  }

  next(value?: N): Promise<IteratorResult<T, R>> {
    if (this.#isOver) return this.#over();
    if (!this.#isStarted) this.start();
    this.#pace.asked();
    if (this.#isLockStep) {
      const refusal = this.#ask(value);
      if (refusal) return Promise.reject(refusal.error);
    } else if (this.#waiters.size === 0 && !this.#pace.isTurning) {
      try {
        const item = this.#take();
        if (item !== NONE) return Promise.resolve({ value: item as T, done: false });
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return this.#wait();
  }

  throw(error: unknown): Promise<IteratorResult<T, R>> {
    if (this.#isOver) return Promise.reject(error);
    if (!this.#isStarted) {
      this.#call.fail(error);
      this.#finish();
      return Promise.reject(error);
    }
    if (this.#isLockStep) this.#link.raise(this.#nextAsked(), error);
    return this.#wait({ error });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close(new OffloopError('ERR_OFFLOOP_CLOSED', 'The iterator was closed'));
    return this.#closing;
  }

  /**
   * Takes an item that is there, as `next()` would without a promise; gives `NONE` if `next()` has to be called.
   *
   * @throws What a `[fromThread]` method of the user's throws.
   */
  takeNow(): unknown {
    if (this.#isOver || !this.#isStarted || this.#isLockStep || this.#waiters.size > 0) return NONE;
    this.#pace.asked();
    return this.#pace.isTurning ? NONE : this.#take();
  }

  /** Settles once the generator has ended; rejects with its error, or with the reason of an abort. */
  async ended(): Promise<unknown> {
    const value = await this.#call.promise;
    if (this.#givenUp) throw this.#givenUp.reason;
    return value;
  }

  snapshot(): T[] {
    if (this.#isOver) return [];
    this.#inbox.catchUp();
    if (this.#isMissed) this.#pump();
    // A program that only looks would take what is old for what is new, for ever.
    if (this.#end && 'error' in this.#end && !this.isAwaited) throw this.#end.error;
    return this.#inbox.snapshot() as T[];
  }

  drain(): T[] {
    const items: T[] = [];
    if (this.#isOver || this.#isLockStep || this.isAwaited) return items;
    this.#inbox.catchUp();
    // Items that are produced during the loop are left: with a fast producer the loop might never end.
    for (let left = this.#inbox.size; left > 0; left -= 1) {
      const item = this.#take();
      if (item === NONE) break;
      items.push(item as T);
    }
    const end = this.#end;
    if (items.length > 0 || !end || !('error' in end)) return items;
    this.#finish();
    throw end.error;
  }

  attached(line: Line): void {
    this.#link.attach(line);
    if (this.isAwaited) poll(this);
  }

  detached(): void {
    this.#link.detach();
    if (!this.#isOutliving) return;
    this.#isOutliving = false;
    this.#letGo();
  }

  heard(number: number, item: ArrivedItem): void {
    if (this.#inbox.heard(number, item) && !this.#isOver) this.woken();
  }

  woken(): void {
    this.#pump();
    if (this.isAwaited) poll(this);
  }

  /** Looks for items without a notification. Gives whether `next()` calls are still pending. */
  look(): boolean {
    this.#pump();
    return this.isAwaited;
  }

  /** Called when polling stops: from now on the producer of the next item has to wake the event loop. */
  rest(): void {
    if (!this.isAwaited) return;
    Atomics.store(this.#header, RingWord.sleeps, sleeping.inLoop);
    // An item may have been produced before its producer could see that the consumer sleeps.
    if (this.#inbox.size > 0) this.#pump();
  }

  /** In lock-step: resumes the generator with `value`. Gives the error if the value cannot cross. */
  #ask(value: N | undefined): { error: unknown } | undefined {
    if (value === undefined) {
      this.#link.ask(this.#nextAsked());
      return undefined;
    }
    try {
      this.#link.resume(this.#asked, value);
    } catch (error) {
      return { error };
    }
    this.#nextAsked();
    return undefined;
  }

  /** Counts one more item as asked for, and gives its number. */
  #nextAsked(): number {
    const asked = this.#asked;
    this.#asked = (asked + 1) | 0;
    return asked;
  }

  #wait(thrown?: { readonly error: unknown }): Promise<IteratorResult<T, R>> {
    const result = this.#waiters.wait(thrown);
    if (this.#link.isAttached) this.#pace.spin(this.#header);
    this.#pump();
    if (this.isAwaited) {
      this.#link.hold();
      if (this.#link.isAttached && !this.#pace.isTurning) poll(this);
    }
    return result;
  }

  #pump(): void {
    const { isReading } = this.#inbox;
    if (isReading) this.#isMissed = true;
    if (this.#pace.isTurning || isReading) return;
    for (let waiter = this.#waiters.first; waiter; waiter = this.#waiters.first) {
      if (waiter.thrown && !this.#isLockStep && !this.#raise(waiter.thrown.error)) break;
      try {
        const item = this.#take();
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
      this.#raised = 'no';
      this.#waiters.shift();
    }
    if (this.#end && this.isAwaited) this.#giveEnd(this.#end);
    if (!this.isAwaited) this.#letGo();
  }

  /**
   * Throws `error` at the generator once the waiters before it are served, and drops the items from before. Gives
   * whether the generator has received the error: then the next item, or the end, is the result of `throw()`.
   */
  #raise(error: unknown): boolean {
    if (this.#raised === 'given') return true;
    const header = this.#header;
    if (this.#raised === 'no' && !this.#end) {
      this.#raised = 'sent';
      this.#link.raise(undefined, error);
    }
    // Count first, and then check `thrown`: the items counted here were certainly produced before the error was
    // received.
    const { next, size } = this.#inbox;
    const isGiven = Atomics.load(header, RingWord.thrown) !== 0;
    this.#inbox.dropTo(isGiven ? Atomics.load(header, RingWord.thrownAt) : (next + size) | 0);
    this.#link.tookSome();
    if (!isGiven) return false;
    Atomics.store(header, RingWord.thrown, 0);
    this.#raised = 'given';
    return true;
  }

  #take(): unknown {
    const item = this.#inbox.take();
    if (item !== NONE && this.#isLockStep) this.#link.begun();
    else if (item !== NONE && Atomics.load(this.#header, RingWord.producer) !== waiting.no) this.#link.tookSome();
    return item;
  }

  /** Called when the call has settled: its result comes after the items that are left. */
  #ended(end: End<R>): void {
    this.#end ??= end;
    // The call was given up on this side only: the generator has not been told yet.
    if (this.#link.isAttached) {
      this.#isOutliving = true;
      this.#link.hold();
      this.#link.end();
    }
    this.#pump();
  }

  #giveEnd(end: End<R>): void {
    const { first } = this.#waiters;
    // If the generator ended before it received the error of `throw()`, a return value is not the answer to that error:
    // `finish` rejects with the error. An error of the generator's own comes first.
    const isMissed = first?.thrown !== undefined && !this.#isLockStep && this.#raised !== 'given';
    if (first && !(isMissed && 'value' in end)) {
      this.#waiters.shift();
      if ('error' in end) first.reject(end.error);
      else first.resolve({ value: end.value, done: true });
    }
    this.#finish();
  }

  /** Ends the iterator: pending `next()` calls are done, and items that are left are dropped. */
  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopSignal?.();
    this.#inbox.clear();
    this.#waiters.finish();
    if (!this.#isStarted) this.#call.returned(undefined);
    if (!this.#isEnding) this.#letGo();
  }

  #over(): Promise<IteratorResult<T, R>> {
    const givenUp = this.#givenUp;
    if (!givenUp || givenUp.isTold) return Promise.resolve({ value: undefined as R, done: true });
    givenUp.isTold = true;
    return Promise.reject(givenUp.reason);
  }

  #aborted(reason: unknown): void {
    if (this.#isOver) return;
    const first = this.#waiters.shift();
    this.#givenUp = { reason, isTold: first !== undefined };
    first?.reject(reason);
    this.#call.gaveUp(reason);
    if (!this.#isStarted) this.#call.fail(reason);
    this.#closing = this.#close(reason);
    this.#closing.catch(() => undefined);
  }

  /** Ends the generator; items that are left are dropped. Rejects with the error that its `finally` throws. */
  async #close(reason: unknown): Promise<void> {
    const isEnding = this.#isStarted && this.#end === undefined;
    this.#isEnding = isEnding;
    this.#finish();
    if (!isEnding) return;
    try {
      // A call that was not sent to a thread is aborted instead of being sent.
      if (this.#link.isAttached) await this.#endGenerator(reason);
      else this.#call.abort(reason);
    } finally {
      this.#isEnding = false;
      this.#letGo();
    }
  }

  async #endGenerator(reason: unknown): Promise<void> {
    this.#link.hold();
    this.#call.closing();
    this.#link.interrupt(reason);
    const isFirst = this.#link.end();
    const { closeTimeout } = this;
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

  /** Lets the process end, unless the generator is still ending. */
  #letGo(): void {
    if (!this.#isEnding && !this.#isOutliving) this.#link.letGo();
  }
}
