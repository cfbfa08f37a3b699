/**
 * Drives a generator in its thread, with back-pressure: it is never further ahead of its consumer than there is room.
 * @module
 */

import { now, setImmediate } from '../base/clock.ts';
import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { holdIterable } from './adapters/held.ts';
import type { HeldIterable } from './adapters/held.ts';
import { ItemOutput } from './item-output.ts';
import type { ItemOutputLine } from './item-output.ts';
import { Orders } from './orders.ts';
import type { OrdersLine } from './orders.ts';
import { checkedIterator } from './protocol.ts';
import { RingWord, openRing, stopped } from './ring/ring.ts';
import type { Ring, StreamOffer } from './ring/ring.ts';
import { RingWriter } from './ring/writer.ts';
import { advance, raise, takerOf } from './steps.ts';
import type { Order, Step, Take } from './steps.ts';

/** The producer's line to its consumer. */
export interface ProducerLine extends ItemOutputLine, OrdersLine {
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
 * The generator's end of a stream.
 *
 * Invariant: an error of the generator is dropped only if its consumer has closed, or the call was given up.
 */
export class Producer {
  readonly #ring: Ring;
  readonly #writer: RingWriter;
  readonly #line: ProducerLine;
  readonly #orders: Orders;
  readonly #output: ItemOutput;

  /** The source, if it can be closed while a `next()` is pending; and the promise of that close. */
  #held: HeldIterable | undefined;
  #isStepping = false;
  #interruption: Promise<void> | undefined;

  constructor(offer: StreamOffer, line: ProducerLine) {
    const ring = (this.#ring = openRing(offer));
    const writer = (this.#writer = new RingWriter(ring, offer.overflow !== 'drop-oldest'));
    this.#line = line;
    this.#orders = new Orders(offer, ring, writer, line);
    this.#output = new ItemOutput(offer, ring, writer, line);
  }

  /** How many items were not taken. */
  get size(): number {
    return this.#writer.size;
  }

  /** Whether the consumer has closed, or the generator has thrown. */
  get isClosed(): boolean {
    return this.#orders.isClosed;
  }

  /** Whether the generator was told to end. */
  get isEnding(): boolean {
    return this.#orders.isEnding;
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
    this.#orders.hear(number, order);
    if (this.#isStepping && this.isClosed) this.#interrupt();
  }

  /** Closes the source although a `next()` is pending: nobody wants its item, which might never come. */
  #interrupt(): void {
    this.#interruption ??= this.#held?.close();
    this.#interruption?.catch(() => undefined);
  }

  #drive(iterator: Iterator<unknown, unknown, unknown>): unknown {
    const orders = this.#orders;
    let order = orders.next();
    for (;;) {
      const step = this.#unlessClosed(() => advance(iterator, order), order);
      if (step.isOver) return step.value;
      const refusal = this.#output.put(step.value);
      order = refusal ? { does: 'throw', error: refusal.error } : orders.next();
    }
  }

  async #driveInLoop(take: Take): Promise<unknown> {
    let turnedAt = now();
    const orders = this.#orders;
    let order = await orders.nextInLoop();
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
      const refusal = this.#output.put(step.value);
      if (now() - turnedAt >= longestTurn) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        turnedAt = now();
      }
      // After the turn of the loop, because the consumer may have closed meanwhile.
      if (refusal) order = { does: 'throw', error: refusal.error };
      else order = orders.take() ?? (await orders.nextInLoop());
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
      const before = Atomics.compareExchange(this.#ring.header, RingWord.closed, stopped.no, stopped.byError);
      if (before === stopped.no || this.#line.hearsAll) throw error;
      return over;
    }
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
