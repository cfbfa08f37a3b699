/** Passes the items of a generator to their consumer: in the ring, or in messages if they do not fit. @module */

import { LARGE, look, SPECIAL } from '../codec/quick/look.ts';
import { waitUntil } from '../wait/wait-until.ts';
import { overflowError } from './overflow.ts';
import { RingWord, sleeping, stopped } from './ring/ring.ts';
import type { Ring, StreamOffer } from './ring/ring.ts';
import type { RingWriter } from './ring/writer.ts';

/** The line to the consumer. */
export interface ItemOutputLine {
  /** Posts a copy of an item that does not fit into the ring; throws if the item cannot cross. */
  post(number: number, item: unknown): void;

  /** Wakes the consumer, which waits in its event loop or blocks. */
  ring(isInLoop: boolean): void;
}

/**
 * With `drop-oldest`: how many items may be in messages at once, and how often to check for arrivals, in milliseconds.
 */
const mostMessages = 1024;
const recheck = 50;

/**
 * The way of items to their consumer.
 *
 * Invariant: the consumer is told of an item only once it can take it.
 */
export class ItemOutput {
  readonly #offer: StreamOffer;
  readonly #header: Int32Array;
  readonly #writer: RingWriter;
  readonly #line: ItemOutputLine;

  /** How many items were posted in messages. */
  #posted = 0;

  constructor(offer: StreamOffer, ring: Ring, writer: RingWriter, line: ItemOutputLine) {
    this.#offer = offer;
    this.#header = ring.header;
    this.#writer = writer;
    this.#line = line;
  }

  /** Passes `item` to the consumer. If that fails, gives the error that is to be thrown at the generator's `yield`. */
  put(item: unknown): { error: unknown } | undefined {
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
      const isClosed = Atomics.load(header, RingWord.closed) !== stopped.no;
      return inMessages < mostMessages || isClosed ? true : undefined;
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
