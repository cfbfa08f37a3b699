/**
 * Drives a generator in its thread, with back-pressure: it is never further ahead of its consumer than there is room.
 * @module
 */

import { now, setImmediate } from '../base/clock.ts';
import { look, LARGE, SPECIAL } from '../codec/quick/look.ts';
import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { RingWord, openRing, sleeping, stopped, waiting } from './ring/ring.ts';
import type { Ring, StreamOffer } from './ring/ring.ts';
import { RingWriter } from './ring/writer.ts';
import { waitUntil } from '../wait/wait-until.ts';
import { holdIterable } from './adapters/held.ts';
import { overflowError } from './overflow.ts';
import type { HeldIterable } from './adapters/held.ts';
import { checkedIterator } from './protocol.ts';
import { advance, end, goOn, raise, takerOf } from './steps.ts';
import type { Order, Step, Take } from './steps.ts';

/** The producer's line to its consumer. */
export interface ProducerLine {
  /** Posts a copy of an item that does not fit into the ring; throws if the item cannot cross. */
  post(number: number, item: unknown): void;

  /** Wakes the consumer, which waits in its event loop or blocks. */
  ring(isInLoop: boolean): void;

  /** Reads the messages that have arrived. */
  pull(): void;

  /** Whether errors that the generator throws after the consumer closed are reported too. */
  readonly hearsAll: boolean;

  /** Whether this thread was told that the call of the generator was given up. */
  isGivenUp(): boolean;
}

/** The result of a step whose error nobody wants any more. */
const over: Step = { isOver: true, value: undefined };

/** How long an async generator may go on without a turn of its thread's loop, in milliseconds. */
const longestTurn = 4;

/**
 * With `drop-oldest`: how many items may be in messages at once, and how often to check for arrivals, in milliseconds.
 */
const mostMessages = 1024;
const recheck = 50;

/**
 * The generator's end of a stream.
 *
 * Invariant: with `overflow: 'block'` the generator is asked for an item only while there is room for it.
 */
export class Producer {
  readonly #ring: Ring;
  readonly #header: Int32Array;
  readonly #writer: RingWriter;
  readonly #line: ProducerLine;
  readonly #offer: StreamOffer;

  /**
   * Orders that the consumer has sent, by the number of the item that they ask for; and orders to be obeyed at once.
   */
  readonly #mail = new Map<number, Order>();
  readonly #urgent: Order[] = [];
  #mailSeen = 0;

  /** How many items were posted in messages. */
  #posted = 0;
  #wake: (() => void) | undefined;
  #isEnding = false;

  /** The source, if it can be closed while a `next()` is pending; and the promise of that close. */
  #held: HeldIterable | undefined;
  #isStepping = false;
  #interruption: Promise<void> | undefined;

  constructor(offer: StreamOffer, line: ProducerLine) {
    this.#offer = offer;
    this.#line = line;
    this.#ring = openRing(offer);
    this.#header = this.#ring.header;
    this.#writer = new RingWriter(this.#ring, offer.overflow !== 'drop-oldest');
  }

  /** How many items were not taken. */
  get size(): number {
    return this.#writer.size;
  }

  /** Whether the consumer has closed, or the generator has thrown. */
  get isClosed(): boolean {
    return Atomics.load(this.#header, RingWord.closed) !== 0;
  }

  /** Whether the generator was told to end. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Whether a `next()` of the source is pending. */
  get isStepping(): boolean {
    return this.#isStepping;
  }

  /**
   * Passes all items of `source` to the consumer; blocks this thread if `source` is synchronous. Gives the return value
   * of the generator, or throws its error.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `source` is not iterable.
   */
  drive(source: unknown): unknown {
    return isAsync(source) ? this.driveHeld(holdIterable(source)) : this.#drive(iteratorOf(source));
  }

  /** As `drive`, but never blocks, for a source that runs in the event loop of the main side. */
  async driveInLoop(source: unknown): Promise<unknown> {
    if (isAsync(source)) return this.driveHeld(holdIterable(source));
    const iterator = iteratorOf(source);
    return this.#driveInLoop(async (order) => advance(iterator, order));
  }

  /** As `drive`, for a source that may have failed before, and that can be closed while a `next()` is pending. */
  driveHeld(held: HeldIterable): Promise<unknown> {
    this.#held = held;
    return this.#driveInLoop(takerOf(held));
  }

  /** Called when the consumer has sent an order for the item `number`, or for now if `number` is `undefined`. */
  hear(number: number | undefined, order: Order | undefined): void {
    if (order && number === undefined) this.#urgent.push(order);
    else if (order) this.#mail.set(number as number, order);
    this.#wake?.();
    if (this.#isStepping && this.isClosed) this.#interrupt();
  }

  /** Closes the source although a `next()` is pending: nobody wants its item, which might never come. */
  #interrupt(): void {
    this.#interruption ??= this.#held?.close();
    this.#interruption?.catch(() => undefined);
  }

  #drive(iterator: Iterator<unknown, unknown, unknown>): unknown {
    let order = this.#order();
    for (;;) {
      const step = this.#unlessClosed(() => advance(iterator, order), order);
      if (step.isOver) return step.value;
      const refusal = this.#put(step.value);
      order = refusal ? { does: 'throw', error: refusal.error } : this.#order();
    }
  }

  async #driveInLoop(take: Take): Promise<unknown> {
    let turnedAt = now();
    let order = await this.#orderInLoop();
    for (;;) {
      let step: Step;
      this.#isStepping = order.does !== 'return';
      try {
        const taken = take(order);
        step = 'isOver' in taken ? taken : await taken;
      } catch (error) {
        step = this.#unlessClosed(() => raise(error), order);
      } finally {
        this.#isStepping = false;
      }
      if (step.isOver) {
        // An error of the close is reported as the generator's.
        await this.#interruption;
        return step.value;
      }
      const refusal = this.#put(step.value);
      if (now() - turnedAt >= longestTurn) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        turnedAt = now();
      }
      // After the turn of the loop, because the consumer may have closed meanwhile.
      if (refusal) order = { does: 'throw', error: refusal.error };
      else order = this.#tryOrder() ?? (await this.#orderInLoop());
    }
  }

  /** Takes a step. Its error is dropped if the consumer has closed since the step was asked for. */
  #unlessClosed(take: () => Step, { does }: Order): Step {
    try {
      return take();
    } catch (error) {
      if (does === 'return') throw error;
      // An interrupted step fails because of the close, so its error is not the generator's.
      const isInterrupted = this.#interruption !== undefined && this.#held?.isPrompt === true;
      if (isInterrupted || this.#line.isGivenUp()) return over;
      const before = Atomics.compareExchange(this.#header, RingWord.closed, stopped.no, stopped.byError);
      if (before === stopped.no || this.#line.hearsAll) throw error;
      return over;
    }
  }

  /** Blocks until there is room, or another order; gives the order for the generator. */
  #order(): Order {
    return this.#tryOrder() ?? this.#block();
  }

  #block(): Order {
    const words = this.#header;
    const place = { words, at: RingWord.producer, mark: waiting.asleep };
    try {
      return waitUntil({ place, attempt: () => this.#tryOrder() });
    } finally {
      Atomics.store(words, RingWord.producer, waiting.no);
    }
  }

  async #orderInLoop(): Promise<Order> {
    for (;;) {
      const order = this.#tryOrder();
      if (order) return order;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        Atomics.store(this.#header, RingWord.producer, waiting.inLoop);
        // The consumer may have made room before it could see that the generator waits.
        if (this.#hasRoom() || this.isClosed || this.#hasMail()) resolve();
      });
      this.#wake = undefined;
      Atomics.store(this.#header, RingWord.producer, waiting.no);
    }
  }

  #tryOrder(): Order | undefined {
    if (this.isClosed) {
      // Read the reason of the close now, so that it does not interrupt the waits of the generator's `finally` later.
      if (!this.#isEnding) this.#line.pull();
      this.#isEnding = true;
      return end;
    }
    // Check for room before the mail: an order for an item is sent before the item is asked for.
    const hasRoom = this.#hasRoom();
    if (this.#hasMail()) {
      this.#mailSeen = Atomics.load(this.#header, RingWord.mailed);
      this.#line.pull();
    }
    const urgent = this.#urgent.shift();
    if (urgent) {
      Atomics.store(this.#header, RingWord.thrownAt, this.#writer.next);
      Atomics.add(this.#header, RingWord.thrown, 1);
      return urgent;
    }
    if (!hasRoom) return undefined;
    const { next } = this.#writer;
    const order = this.#mail.size > 0 ? this.#mail.get(next) : undefined;
    this.#mail.delete(next);
    return order ?? goOn;
  }

  #hasMail(): boolean {
    return Atomics.load(this.#header, RingWord.mailed) !== this.#mailSeen;
  }

  #hasRoom(): boolean {
    const { maxSize, overflow } = this.#offer;
    if (maxSize === 0) return ((Atomics.load(this.#header, RingWord.asked) - this.#writer.next) | 0) > 0;
    return overflow !== 'block' || this.#writer.hasFewer(maxSize);
  }

  /** Passes `item` to the consumer. If that fails, gives the error that is to be thrown at the generator's `yield`. */
  #put(item: unknown): { error: unknown } | undefined {
    const { maxSize, overflow } = this.#offer;
    if (maxSize > 0 && !this.#writer.hasFewer(maxSize)) {
      if (overflow === 'drop-oldest') this.#writer.dropOldest();
      else if (overflow !== 'block') {
        Atomics.add(this.#header, RingWord.dropped, 1);
        return overflow === 'error' ? { error: overflowError('yield', maxSize) } : undefined;
      }
    }
    try {
      if (!this.#write(item)) {
        if (overflow === 'drop-oldest') this.#awaitArrivals();
        this.#line.post(this.#writer.next, item);
        this.#posted = (this.#posted + 1) | 0;
        this.#writer.skip();
      }
    } catch (error) {
      return { error };
    }
    this.#tell();
    return undefined;
  }

  #write(item: unknown): boolean {
    if (this.#writer.write(item)) return true;
    if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item)) return false;
    if (this.#writer.writeShaped(item)) return true;
    const seen = look([item]);
    return seen !== LARGE && seen !== SPECIAL && this.#writer.writePlain(seen[0] as object);
  }

  /**
   * Dropped items still take memory in their messages: while the main side reads none, blocks instead of posting more.
   */
  #awaitArrivals(): void {
    const header = this.#header;
    const attempt = (): true | undefined => {
      const inMessages = (this.#posted - Atomics.load(header, RingWord.arrived)) | 0;
      return inMessages < mostMessages || this.isClosed ? true : undefined;
    };
    // A close of the consumer does not wake this wait, hence the `pause`.
    waitUntil({ place: { words: header, at: RingWord.arrived }, attempt, pause: () => recheck });
  }

  #tell(): void {
    if (Atomics.load(this.#header, RingWord.sleeps) === sleeping.no) return;
    const state = Atomics.exchange(this.#header, RingWord.sleeps, sleeping.no);
    if (state !== sleeping.no) this.#line.ring(state === sleeping.inLoop);
  }
}

function isAsync(source: unknown): source is object {
  return typeof (Object(source) as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
}

function iteratorOf(source: unknown): Iterator<unknown, unknown, unknown> {
  const iterable = Object(source) as Partial<Iterable<unknown>>;
  if (typeof iterable[Symbol.iterator] === 'function')
    return checkedIterator((iterable as Iterable<unknown>)[Symbol.iterator]());
  const received = source === null ? 'null' : typeof source;
  throw argumentError(`Cannot iterate: the function returned ${received} instead of an iterable`);
}
