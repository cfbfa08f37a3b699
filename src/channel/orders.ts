/** What a generator has to do next: what its consumer orders, or to go on once there is room. @module */

import { Promise } from '../base/intrinsics.ts';
import { waitUntil } from '../wait/wait-until.ts';
import { RingWord, stopped, waiting } from './ring/ring.ts';
import type { Ring, StreamOffer } from './ring/ring.ts';
import type { RingWriter } from './ring/writer.ts';
import { end, goOn } from './steps.ts';
import type { Order } from './steps.ts';

/** The line by which orders come. */
export interface OrdersLine {
  /** Reads the messages that have arrived. */
  pull(): void;
}

/**
 * The orders for a generator, one for each step.
 *
 * Invariant: with `overflow: 'block'` the generator is asked for an item only while there is room for it.
 */
export class Orders {
  readonly #offer: StreamOffer;
  readonly #header: Int32Array;
  readonly #writer: RingWriter;
  readonly #line: OrdersLine;

  /**
   * Orders that the consumer has sent, by the number of the item that they ask for; and orders to be obeyed at once.
   */
  readonly #mail = new Map<number, Order>();
  readonly #urgent: Order[] = [];
  #mailSeen = 0;
  #wake: (() => void) | undefined;
  #isEnding = false;

  constructor(offer: StreamOffer, ring: Ring, writer: RingWriter, line: OrdersLine) {
    this.#offer = offer;
    this.#header = ring.header;
    this.#writer = writer;
    this.#line = line;
  }

  /** Whether the consumer has closed, or the generator has thrown. */
  get isClosed(): boolean {
    return Atomics.load(this.#header, RingWord.closed) !== stopped.no;
  }

  /** Whether the generator was told to end. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Called when the consumer has sent an order for the item `number`, or for now if `number` is `undefined`. */
  hear(number: number | undefined, order: Order | undefined): void {
    if (order && number === undefined) this.#urgent.push(order);
    else if (order) this.#mail.set(number as number, order);
    this.#wake?.();
  }

  /** The next order; blocks until there is room, or another order. */
  next(): Order {
    return this.take() ?? this.#block();
  }

  /** As {@link next}, but waits in the event loop. */
  async nextInLoop(): Promise<Order> {
    for (;;) {
      const order = this.take();
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

  /** The next order, if there is room, or another order. */
  take(): Order | undefined {
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

  #block(): Order {
    const words = this.#header;
    const place = { words, at: RingWord.producer, mark: waiting.asleep };
    try {
      return waitUntil({ place, attempt: () => this.take() });
    } finally {
      Atomics.store(words, RingWord.producer, waiting.no);
    }
  }

  #hasMail(): boolean {
    return Atomics.load(this.#header, RingWord.mailed) !== this.#mailSeen;
  }

  #hasRoom(): boolean {
    const { maxSize, overflow } = this.#offer;
    if (maxSize === 0) return ((Atomics.load(this.#header, RingWord.asked) - this.#writer.next) | 0) > 0;
    return overflow !== 'block' || this.#writer.hasFewer(maxSize);
  }
}
