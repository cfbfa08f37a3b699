/** The consumer's end of a generator in another thread. @module */

import { Promise } from '../../base/intrinsics.ts';
import { poll } from '../../wait/poll.ts';
import type { ArrivedItem, CallStream, ItemCall, ItemLink } from '../call-stream.ts';
import { Inbox } from '../inbox.ts';
import type { ItemSource } from '../item-source.ts';
import { NONE } from '../ring/reader.ts';
import { RingWord, openRing, ringMemory, waiting } from '../ring/ring.ts';
import type { Ring, StreamOffer } from '../ring/ring.ts';
import { Waiters } from '../waiters.ts';
import { Delivery } from './delivery.ts';
import { IteratorEnd } from './iterator-end.ts';
import type { Outcome } from './iterator-end.ts';
import { LockStep } from './lock-step.ts';
import { Pace } from './pace.ts';
import type { StreamPlan } from './stream-plan.ts';

/** Gives a consumer its call and the link to it. */
export interface Supply<Line> {
  readonly call: ItemCall<Line>;

  /** Makes the link from the consumer to the producer's end of `ring`. */
  link(ring: Ring): ItemLink<Line>;

  /** Submits the call to its executor. */
  submit(): void;
}

/**
 * Takes the items of a generator in order.
 *
 * Invariant: an item is taken either at once by `next()`, while nobody waits, or by the delivery, for the first who waits.
 */
export class Consumer<T, R, N, Line = unknown> implements ItemSource<T, R, N>, CallStream<Line> {
  readonly offer: StreamOffer;
  readonly closeTimeout: number;

  /** Gives the items to those who wait. */
  readonly delivery: Delivery<T, R>;
  readonly #call: ItemCall<Line>;
  readonly #submit: () => void;
  readonly #header: Int32Array;
  readonly #inbox: Inbox;
  readonly #link: ItemLink<Line>;
  readonly #lockStep: LockStep | undefined;
  readonly #waiters = new Waiters<T, R>();
  readonly #pace = new Pace(() => this.delivery.woken());
  readonly #end: IteratorEnd<T, R>;

  constructor({ call, link, submit }: Supply<Line>, plan: StreamPlan) {
    const { maxSize, overflow, closeTimeout, signal } = plan;
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
    this.#lockStep = maxSize === 0 ? new LockStep(this.#link) : undefined;
    const parts = { call, link: this.#link, inbox: this.#inbox, waiters: this.#waiters };
    const end = (this.#end = new IteratorEnd(parts, closeTimeout));
    this.delivery = new Delivery({
      ...parts,
      header: ring.header,
      pace: this.#pace,
      end,
      isLockStep: this.#lockStep !== undefined,
    });
    call.stream = this;
    call.promise.then(
      (value) => this.#settled({ value: value as R }),
      (error: unknown) => this.#settled({ error }),
    );
    if (signal) end.watch(signal);
  }

  get size(): number {
    return this.#end.isOver ? 0 : this.#inbox.size;
  }

  get dropped(): number {
    return Atomics.load(this.#header, RingWord.dropped);
  }

  get isClosed(): boolean {
    return this.#end.isOver;
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
    const end = this.#end;
    if (end.isStarted || end.isOver) return;
    end.isStarted = true;
    this.#call.submitted();
    this.#submit();
  }

  next(value?: N): Promise<IteratorResult<T, R>> {
    const end = this.#end;
    if (end.isOver) return end.over();
    if (!end.isStarted) this.start();
    this.#pace.asked();
    if (this.#lockStep !== undefined) {
      const refusal = this.#lockStep.ask(value);
      if (refusal) return Promise.reject(refusal.error);
    } else if (this.#waiters.size === 0 && !this.#pace.isTurning) {
      try {
        const item = this.delivery.take();
        if (item !== NONE) return Promise.resolve({ value: item as T, done: false });
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return this.delivery.wait();
  }

  throw(error: unknown): Promise<IteratorResult<T, R>> {
    const end = this.#end;
    if (end.isOver) return Promise.reject(error);
    if (!end.isStarted) {
      this.#call.fail(error);
      end.finish();
      return Promise.reject(error);
    }
    this.#lockStep?.raise(error);
    return this.delivery.wait({ error });
  }

  close(): Promise<void> {
    return this.#end.close();
  }

  /**
   * Takes an item that is there, as `next()` would without a promise; gives `NONE` if `next()` has to be called.
   *
   * @throws What a `[fromThread]` method of the user's throws.
   */
  takeNow(): unknown {
    const { isOver, isStarted } = this.#end;
    if (isOver || !isStarted || this.#lockStep !== undefined || this.#waiters.size > 0) return NONE;
    this.#pace.asked();
    return this.#pace.isTurning ? NONE : this.delivery.take();
  }

  /** Settles once the generator has ended; rejects with its error, or with the reason of an abort. */
  ended(): Promise<unknown> {
    return this.#end.ended();
  }

  snapshot(): T[] {
    const end = this.#end;
    if (end.isOver) return [];
    this.delivery.catchUp();
    // A program that only looks would take what is old for what is new, for ever.
    if (end.outcome && 'error' in end.outcome && !this.isAwaited) throw end.outcome.error;
    return this.#inbox.snapshot() as T[];
  }

  drain(): T[] {
    const end = this.#end;
    const items: T[] = [];
    if (end.isOver || this.#lockStep !== undefined || this.isAwaited) return items;
    this.#inbox.catchUp();
    // Items that are produced during the loop are left: with a fast producer the loop might never end.
    for (let left = this.#inbox.size; left > 0; left -= 1) {
      const item = this.delivery.take();
      if (item === NONE) break;
      items.push(item as T);
    }
    const { outcome } = end;
    if (items.length > 0 || !outcome || !('error' in outcome)) return items;
    end.finish();
    throw outcome.error;
  }

  attached(line: Line): void {
    this.#link.attach(line);
    if (this.isAwaited) poll(this.delivery);
  }

  detached(): void {
    this.#link.detach();
    this.#end.detached();
  }

  heard(number: number, item: ArrivedItem): void {
    if (this.#inbox.heard(number, item) && !this.#end.isOver) this.delivery.woken();
  }

  woken(): void {
    this.delivery.woken();
  }

  /** Called when the call has settled. */
  #settled(outcome: Outcome<R>): void {
    this.#end.settled(outcome);
    this.delivery.pump();
  }
}
