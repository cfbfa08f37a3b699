/** The consumer's end of a generator in another thread. @module */

import { after, Keeper, now, setImmediate } from '../clock.ts';
import { packThrown } from '../codec/error-codec.ts';
import { onAbort } from '../codec/on-abort.ts';
import { OffloopError } from '../errors.ts';
import type { ArrivedItem, Call, CallStream, StreamLine } from '../lane/call.ts';
import { Down } from '../lane/messages.ts';
import { poll } from '../lane/poll.ts';
import { postResult } from '../lane/post.ts';
import { Field, openRing, ringMemory, sizeOf, sleeping, stopped, waiting } from '../stream/ring.ts';
import type { Overflow, Ring, StreamOffer } from '../stream/ring.ts';
import { MAILED, NONE, RingReader } from '../stream/ring-reader.ts';
import type { ItemSource } from './item-source.ts';

/** How an iterator behaves. */
export interface StreamPlan {
  readonly maxSize: number;
  readonly overflow: Overflow;

  /** How long a generator that was closed may take to end, in milliseconds. */
  readonly closeTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Somebody who waits for an item. */
interface Waiter<T, R> {
  resolve(result: IteratorResult<T, R>): void;
  reject(reason: unknown): void;
}

/** What comes after the last item. */
type End<R> = { readonly value: R } | { readonly error: unknown };

/** How many items are given at once before the clock is read, and how long, in milliseconds, before the loop turns. */
const itemsPerLook = 256;
const longestRun = 5;

/** How long the loop is held up for the next item where it has been coming at once, in milliseconds. */
const spinTime = 0.004;

/**
 * Takes the items in their order.
 *
 * Invariant: `#waiters` is empty while there is something to give; the end comes once, after all items.
 */
export class Consumer<T, R, N> implements ItemSource<T, R, N>, CallStream {
  readonly offer: StreamOffer;
  readonly #call: Call;
  readonly #plan: StreamPlan;
  readonly #submit: (call: Call) => void;
  readonly #ring: Ring;
  readonly #reader: RingReader;
  readonly #isLockStep: boolean;

  /** Items that came in messages, by their numbers. */
  readonly #mailed = new Map<number, ArrivedItem>();
  readonly #waiters: Waiter<T, R>[] = [];
  #line: StreamLine | undefined;
  #isStarted = false;
  #isOver = false;
  #end: End<R> | undefined;
  #closing: Promise<void> | undefined;
  #isEnding = false;

  /** Whether something keeps the process alive: the line, or before there is one a timer. */
  #isHeld = false;
  #keeper: Keeper | undefined;
  #asked = 0;

  /** How many errors were sent to the generator; until it has got them, items are those from before. */
  #raised = 0;
  #isSpun = true;
  #run = 0;
  #runSince = 0;

  /** Whether the loop turns before the next item is given. */
  #isTurning = false;
  #isReading = false;

  /** Whether the generator's thread will be woken when the loop has turned. */
  #isWaking = false;
  #stopSignal: (() => void) | undefined;

  /** Why it was aborted, until somebody was told. */
  #reason: { readonly reason: unknown } | undefined;

  /** What could not be sent yet: the call has no thread. */
  readonly #unsent: (() => void)[] = [];

  /** `submit` takes the call, which has not been made known to anybody yet. */
  constructor(call: Call, plan: StreamPlan, submit: (call: Call) => void) {
    this.offer = { memory: ringMemory(plan.maxSize), maxSize: plan.maxSize, overflow: plan.overflow };
    this.#call = call;
    this.#plan = plan;
    this.#submit = submit;
    this.#ring = openRing(this.offer);
    this.#reader = new RingReader(this.#ring, plan.overflow === 'drop-oldest');
    this.#isLockStep = plan.maxSize === 0;
    call.stream = this;
    call.promise.then(
      (value) => this.#ended({ value: value as R }),
      (error: unknown) => this.#ended({ error }),
    );
    const { signal } = plan;
    if (signal?.aborted) this.#aborted(signal.reason);
    else if (signal) this.#stopSignal = onAbort(signal, () => this.#aborted(signal.reason));
  }

  get size(): number {
    return this.#isOver ? 0 : sizeOf(this.#ring);
  }

  get dropped(): number {
    return Atomics.load(this.#ring.header, Field.dropped);
  }

  get isClosed(): boolean {
    return this.#isOver;
  }

  get isAwaited(): boolean {
    return this.#waiters.length > 0;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether the generator's thread waits for room. */
  get isBlocked(): boolean {
    const isWaiting = Atomics.load(this.#ring.header, Field.producer) !== waiting.no;
    return isWaiting && !this.isAwaited;
  }

  start(): void {
    if (this.#isStarted || this.#isOver) return;
    this.#isStarted = true;
    this.#submit(this.#call);
  }

  next(value?: N): Promise<IteratorResult<T, R>> {
    if (this.#isOver) return this.#over();
    if (!this.#isStarted) this.start();
    if ((this.#run += 1) >= itemsPerLook) this.#turnIfLong();
    if (this.#isLockStep) {
      const refusal = this.#ask(value);
      if (refusal) return Promise.reject(refusal.error);
    } else if (this.#waiters.length === 0 && !this.#isTurning && this.#raised === 0) {
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
      this.#finish();
      return Promise.reject(error);
    }
    if (this.#isLockStep) {
      this.#asked = (this.#asked + 1) | 0;
      this.#send(() =>
        this.#line?.tell([Down.raise, this.#call.sentAs, this.#asked - 1, packThrown(error), undefined, undefined]),
      );
      Atomics.store(this.#ring.header, Field.asked, this.#asked);
    } else {
      this.#raised = (this.#raised + 1) | 0;
      this.#send(() =>
        this.#line?.tell([Down.raise, this.#call.sentAs, undefined, packThrown(error), undefined, undefined]),
      );
    }
    this.#wake();
    return this.#wait();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close(new OffloopError('ERR_OFFLOOP_CLOSED', 'The iterator was closed'));
    return this.#closing;
  }

  snapshot(): T[] {
    if (this.#isOver) return [];
    this.#catchUp();
    const items: T[] = [];
    const count = this.#reader.size;
    const first = this.#reader.next;
    for (let i = 0; i < count; i += 1) {
      const number = (first + i) | 0;
      const item = this.#reader.look(number);
      if (item === MAILED) {
        const arrived = this.#mailed.get(number);
        if (arrived) items.push(this.#restore(arrived) as T);
      } else if (item !== NONE) items.push(item as T);
    }
    return items;
  }

  drain(): T[] {
    const items: T[] = [];
    if (this.#isOver || this.#isLockStep || this.isAwaited) return items;
    this.#catchUp();
    for (let item = this.#take(); item !== NONE; item = this.#take()) items.push(item as T);
    return items;
  }

  attached(line: StreamLine): void {
    this.#line = line;
    this.#keeper?.end();
    for (const send of this.#unsent.splice(0)) send();
    if (this.isAwaited) poll(this);
  }

  detached(): void {
    this.#line = undefined;
    if (this.#isHeld && !this.#end) this.#keep();
  }

  heard(number: number, item: ArrivedItem): void {
    Atomics.add(this.#ring.header, Field.arrived, 1);
    if (this.offer.overflow === 'drop-oldest') {
      Atomics.notify(this.#ring.header, Field.arrived);
      for (const old of this.#mailed.keys()) if (((old - this.#reader.next) | 0) < 0) this.#mailed.delete(old);
    }
    if (this.#isOver || ((number - this.#reader.next) | 0) < 0) return;
    this.#mailed.set(number, item);
    this.woken();
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
    Atomics.store(this.#ring.header, Field.sleeps, sleeping.inLoop);
    // It may have come before it could be known that somebody sleeps.
    if (this.#reader.size > 0) this.#pump();
  }

  #send(send: () => void): void {
    const counted = (): void => {
      send();
      Atomics.add(this.#ring.header, Field.mailed, 1);
      this.#wake();
    };
    if (this.#line) counted();
    else this.#unsent.push(counted);
  }

  /** In lock-step: lets the generator go on, with `value`. */
  #ask(value: N | undefined): { error: unknown } | undefined {
    const number = this.#asked;
    if (value !== undefined) {
      try {
        postResult(value, false, (values, holes, transfer) => {
          const copies = this.#line ? values : structuredClone(values);
          this.#send(() =>
            this.#line?.tell([Down.resume, this.#call.sentAs, number, copies, holes, undefined], transfer),
          );
        });
      } catch (error) {
        return { error };
      }
    }
    this.#asked = (number + 1) | 0;
    Atomics.store(this.#ring.header, Field.asked, this.#asked);
    this.#wake();
    return undefined;
  }

  #wait(): Promise<IteratorResult<T, R>> {
    const result = new Promise<IteratorResult<T, R>>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#spin();
    this.#pump();
    if (this.isAwaited) {
      this.#hold();
      if (this.#line && !this.#isTurning) poll(this);
    }
    return result;
  }

  /** Where the last item came at once, the next one may do so too: waiting for it costs less than going away. */
  #spin(): void {
    if (!this.#isSpun || this.#isTurning || !this.#line) return;
    const begin = now();
    const { header } = this.#ring;
    const produced = Atomics.load(header, Field.produced);
    while (Atomics.load(header, Field.produced) === produced && now() - begin < spinTime);
    this.#isSpun = Atomics.load(header, Field.produced) !== produced;
  }

  #pump(): void {
    if (this.#isTurning || this.#isReading) return;
    this.#skip();
    while (this.#waiters.length > 0 && this.#raised === 0) {
      const [waiter] = this.#waiters as [Waiter<T, R>];
      try {
        const item = this.#take();
        if (item === NONE) break;
        waiter.resolve({ value: item as T, done: false });
      } catch (error) {
        waiter.reject(error);
      }
      this.#isSpun = true;
      this.#waiters.shift();
    }
    if (this.#end && this.isAwaited) this.#giveEnd(this.#end);
    if (!this.isAwaited) this.#letGo();
  }

  /** Passes over the items that stood before an error which the generator was given. */
  #skip(): void {
    if (this.#raised === 0) return;
    const { header } = this.#ring;
    const isGiven = Atomics.load(header, Field.thrown) === this.#raised;
    const end = isGiven ? Atomics.load(header, Field.thrownAt) : undefined;
    while (this.#reader.size > 0 && this.#reader.next !== end) {
      this.#mailed.delete(this.#reader.drop());
    }
    this.#tookSome();
    if (isGiven || this.#end) {
      Atomics.store(header, Field.thrown, 0);
      this.#raised = 0;
    }
  }

  #take(): unknown {
    const item = this.#reader.take();
    if (item === NONE) return NONE;
    const taken = item === MAILED ? this.#takeMailed() : item;
    if (Atomics.load(this.#ring.header, Field.producer) !== waiting.no) this.#tookSome();
    return taken;
  }

  #takeMailed(): unknown {
    const number = this.#reader.mailed;
    if (!this.#mailed.has(number)) this.#catchUp();
    const arrived = this.#mailed.get(number);
    // It may have been dropped meanwhile, and then the next one may not be in a message.
    if (!arrived) return this.#reader.next === number ? NONE : this.#take();
    this.#mailed.delete(number);
    // It may have been dropped at this moment.
    return this.#reader.pass(number) ? this.#restore(arrived) : this.#take();
  }

  /** Reads what has arrived; who reads gives it out himself. */
  #catchUp(): void {
    this.#isReading = true;
    this.#line?.catchUp();
    this.#isReading = false;
  }

  #restore(arrived: ArrivedItem): unknown {
    const item = this.#call.restore(arrived);
    if (!arrived.isBuffer) return item;
    const { buffer, byteOffset, byteLength } = item as Uint8Array<ArrayBuffer>;
    return Buffer.from(buffer, byteOffset, byteLength);
  }

  /** Lets the loop turn before the next item, if it has not for long: items may come faster than they are taken. */
  #turnIfLong(): void {
    this.#run = 0;
    const time = now();
    if (time - this.#runSince < longestRun || this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      this.#runSince = now();
      this.woken();
    });
  }

  /** There is room: wakes the generator's thread when half of it is free, or else once the loop has turned. */
  #tookSome(): void {
    const { header } = this.#ring;
    const state = Atomics.load(header, Field.producer);
    if (state === waiting.no) return;
    const { maxSize } = this.offer;
    if (sizeOf(this.#ring) * 2 <= maxSize) return this.#wake();
    if (this.#isWaking) return;
    this.#isWaking = true;
    setImmediate(() => {
      this.#isWaking = false;
      this.#wake();
    });
  }

  #wake(): void {
    const { header } = this.#ring;
    const state = Atomics.exchange(header, Field.producer, waiting.no);
    if (state === waiting.asleep) Atomics.notify(header, Field.producer);
    else if (state === waiting.inLoop)
      this.#line?.tell([Down.wake, this.#call.sentAs, undefined, undefined, undefined, undefined]);
  }

  /** The call has settled: what it gives comes after the items that are left. */
  #ended(end: End<R>): void {
    this.#end ??= end;
    // It was given up here, and its generator does not know.
    if (this.#line) this.#tellClosed();
    this.#pump();
  }

  #giveEnd(end: End<R>): void {
    const first = this.#waiters.shift() as Waiter<T, R>;
    this.#finish();
    if ('error' in end) first.reject(end.error);
    else first.resolve({ value: end.value, done: true });
  }

  /** Nothing more is given. */
  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopSignal?.();
    this.#mailed.clear();
    for (const { resolve } of this.#waiters.splice(0)) resolve({ value: undefined as R, done: true });
    if (!this.#isStarted) this.#call.finished();
    if (!this.#isEnding) this.#letGo();
  }

  #over(): Promise<IteratorResult<T, R>> {
    const told = this.#reason;
    this.#reason = undefined;
    return told ? Promise.reject(told.reason) : Promise.resolve({ value: undefined as R, done: true });
  }

  #aborted(reason: unknown): void {
    if (this.#isOver) return;
    const first = this.#waiters.shift();
    if (first) first.reject(reason);
    else this.#reason = { reason };
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
      if (this.#line) await this.#endGenerator(reason);
      else this.#call.abort(reason);
    } finally {
      this.#isEnding = false;
      this.#letGo();
    }
  }

  async #endGenerator(reason: unknown): Promise<void> {
    this.#hold();
    this.#line?.interrupt(this.#call, reason);
    const isFirst = this.#tellClosed();
    const { closeTimeout } = this.#plan;
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

  /** Says whether the generator has not thrown before. */
  #tellClosed(): boolean {
    const { header } = this.#ring;
    const before = Atomics.compareExchange(header, Field.closed, stopped.no, stopped.byConsumer);
    this.#wake();
    return before !== stopped.byError;
  }

  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    if (this.#line) this.#line.hold();
    else this.#keep();
  }

  /** Without a thread, a timer keeps the process alive. */
  #keep(): void {
    this.#keeper = new Keeper();
    this.#keeper.hold();
  }

  #letGo(): void {
    if (!this.#isHeld || this.#isEnding) return;
    this.#isHeld = false;
    this.#keeper?.end();
    this.#line?.release();
  }
}
