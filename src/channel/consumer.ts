/** The consumer's end of a generator in another thread. @module */

import { after } from '../base/clock.ts';
import { onAbort } from '../codec/on-abort.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import type { ArrivedItem, CallStream, ItemCall, ItemLink } from './call-stream.ts';
import { poll } from '../wait/poll.ts';
import { reasonOf } from '../base/signal.ts';
import { RingWord, openRing, ringMemory, sleeping, waiting } from './ring.ts';
import type { Overflow, Ring, StreamOffer } from './ring.ts';
import { NONE } from './ring-reader.ts';
import { Inbox } from './inbox.ts';
import type { ItemSource } from './item-source.ts';
import { Pace } from './pace.ts';
import { Waiters } from './waiters.ts';

/** How an iterator behaves. */
export interface StreamPlan {
  readonly maxSize: number;
  readonly overflow: Overflow;

  /** How long a generator that was closed may take to end, in milliseconds. */
  readonly closeTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a consumer comes to its items. */
export interface Supply<Line> {
  readonly call: ItemCall<Line>;

  /** Joins it to the other end of `ring`. */
  link(ring: Ring): ItemLink<Line>;

  /** Takes the call, which has not been made known to anybody yet. */
  submit(): void;
}

/** What comes after the last item. */
type End<R> = { readonly value: R } | { readonly error: unknown };

/**
 * Takes the items in their order.
 *
 * Invariant: `#waiters` is empty while there is something to give; the end comes once, after all items.
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

  /** Whether the generator goes on after its call was given up: its `finally` runs, and others may wait for its thread. */
  #isOutliving = false;

  /** In lock-step: how many items were asked for. */
  #asked = 0;

  /** How far the error of the first waiter is: until the generator has got it, items are those from before. */
  #raised: 'no' | 'sent' | 'given' = 'no';
  readonly #pace = new Pace(() => this.woken());

  /** Whether messages that were read by another than `#pump` have brought something. */
  #isMissed = false;
  #stopSignal: (() => void) | undefined;

  /** Why it was aborted, and whether somebody was told. */
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

  /** Whether the generator's thread waits for room. */
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

  /** Settles once there is no generator any more; rejects with what it has thrown, or why it was given up. */
  async ended(): Promise<unknown> {
    const value = await this.#call.promise;
    if (this.#givenUp) throw this.#givenUp.reason;
    return value;
  }

  snapshot(): T[] {
    if (this.#isOver) return [];
    this.#inbox.catchUp();
    if (this.#isMissed) this.#pump();
    return this.#inbox.snapshot() as T[];
  }

  drain(): T[] {
    const items: T[] = [];
    if (this.#isOver || this.#isLockStep || this.isAwaited) return items;
    this.#inbox.catchUp();
    // What is produced meanwhile is left: it might never end.
    for (let left = this.#inbox.size; left > 0; left -= 1) {
      const item = this.#take();
      if (item === NONE) break;
      items.push(item as T);
    }
    return items;
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

  /** Looks for items, without waiting to be told. Says whether they are awaited. */
  look(): boolean {
    this.#pump();
    return this.isAwaited;
  }

  /** Nobody looks any more: the next item has to wake the loop. */
  rest(): void {
    if (!this.isAwaited) return;
    Atomics.store(this.#header, RingWord.sleeps, sleeping.inLoop);
    // An item may have come before its producer could know that the consumer sleeps.
    if (this.#inbox.size > 0) this.#pump();
  }

  /** In lock-step: lets the generator go on, with `value`. */
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

  /** The number of the item that is asked for. */
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
   * Throws `error` at the generator once those before it are served, and passes over the items from before. Says whether
   * the generator has got it: the next item, or the end, is then what comes of it.
   */
  #raise(error: unknown): boolean {
    if (this.#raised === 'given') return true;
    const header = this.#header;
    if (this.#raised === 'no' && !this.#end) {
      this.#raised = 'sent';
      this.#link.raise(undefined, error);
    }
    // Counted before it is seen whether the generator has got it: so many are surely from before.
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

  /** The call has settled: what it gives comes after the items that are left. */
  #ended(end: End<R>): void {
    this.#end ??= end;
    // It was given up here, and its generator does not know.
    if (this.#link.isAttached) {
      this.#isOutliving = true;
      this.#link.hold();
      this.#link.end();
    }
    this.#pump();
  }

  #giveEnd(end: End<R>): void {
    const { first } = this.#waiters;
    // A generator that has ended before it got an error does not know of it; what it has thrown itself comes first.
    const isMissed = first?.thrown !== undefined && !this.#isLockStep && this.#raised !== 'given';
    if (first && !(isMissed && 'value' in end)) {
      this.#waiters.shift();
      if ('error' in end) first.reject(end.error);
      else first.resolve({ value: end.value, done: true });
    }
    this.#finish();
  }

  /** Nothing more is given. */
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
    this.#call.gaveUp();
    if (!this.#isStarted) this.#call.fail(reason);
    this.#closing = this.#close(reason);
    this.#closing.catch(() => undefined);
  }

  /** Lets the generator end; what is left is dropped. Rejects with what its `finally` throws. */
  async #close(reason: unknown): Promise<void> {
    const isEnding = this.#isStarted && this.#end === undefined;
    this.#isEnding = isEnding;
    this.#finish();
    if (!isEnding) return;
    try {
      // If it has not been sent, it need not be.
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
      // What it threw while it was ahead would have come after items that nobody has taken.
      if (isFirst) throw error;
    } finally {
      timer.cancel();
    }
  }

  /** The process may end, unless the generator is being ended. */
  #letGo(): void {
    if (!this.#isEnding && !this.#isOutliving) this.#link.letGo();
  }
}
