/** The items that were produced and not taken: most are in shared memory, the others in messages. @module */

import type { ArrivedItem } from './call-stream.ts';
import { RingWord, sizeOf } from './ring/ring.ts';
import type { Overflow, Ring } from './ring/ring.ts';
import { MAILED, NONE, RingReader } from './ring/reader.ts';

/** The line on which messages with items arrive. */
export interface InboxLine {
  /** Makes an item of the content of a message. */
  restore(item: ArrivedItem): unknown;

  /** Reads the messages that have arrived. */
  catchUp(): void;
}

/** The items of one iterator, by their numbers. */
export class Inbox {
  readonly #ring: Ring;
  readonly #reader: RingReader;
  readonly #line: InboxLine;
  readonly #dropsOldest: boolean;
  readonly #mailed = new Map<number, ArrivedItem>();
  #isReading = false;

  constructor(ring: Ring, overflow: Overflow, line: InboxLine) {
    this.#ring = ring;
    this.#line = line;
    this.#dropsOldest = overflow === 'drop-oldest';
    this.#reader = new RingReader(ring, this.#dropsOldest);
  }

  /** How many items wait. */
  get size(): number {
    return sizeOf(this.#ring);
  }

  /** Whether `catchUp` is running: its caller gives out the items that it finds, so that nobody else has to. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Reads the messages that have arrived. */
  catchUp(): void {
    this.#isReading = true;
    try {
      this.#line.catchUp();
    } finally {
      this.#isReading = false;
    }
  }

  /** Takes the next item; `NONE` if there is none. Throws what a `[fromThread]` method of the user's throws. */
  take(): unknown {
    const item = this.#reader.take();
    return item === MAILED ? this.#takeMailed() : item;
  }

  /** The items that wait, oldest first; they are not taken. */
  snapshot(): unknown[] {
    const items: unknown[] = [];
    const count = this.#reader.size;
    const first = this.#reader.next;
    for (let i = 0; i < count; i += 1) {
      const number = (first + i) | 0;
      const item = this.#reader.look(number);
      if (item === MAILED) {
        const arrived = this.#mailed.get(number);
        if (arrived) items.push(this.#restore(arrived));
      } else if (item !== NONE) items.push(item);
    }
    return items;
  }

  /** Number of the next item. */
  get next(): number {
    return this.#reader.next;
  }

  /** Drops all items before the number `end`. */
  dropTo(end: number): void {
    while (((this.#reader.next - end) | 0) < 0) this.#mailed.delete(this.#reader.drop());
  }

  /** Stores an item that has arrived in a message; gives `false` if the item was dropped before it arrived. */
  heard(number: number, item: ArrivedItem): boolean {
    const { header } = this.#ring;
    Atomics.add(header, RingWord.arrived, 1);
    if (this.#dropsOldest) {
      Atomics.notify(header, RingWord.arrived);
      for (const old of this.#mailed.keys()) if (((old - this.#reader.next) | 0) < 0) this.#mailed.delete(old);
    }
    if (((number - this.#reader.next) | 0) < 0) return false;
    this.#mailed.set(number, item);
    return true;
  }

  /** Drops the items that came in messages. */
  clear(): void {
    this.#mailed.clear();
  }

  /** Drops all items, once nobody takes them any more. */
  finish(): void {
    this.#reader.clear();
    this.clear();
  }

  #takeMailed(): unknown {
    const number = this.#reader.mailed;
    if (!this.#mailed.has(number)) this.catchUp();
    const arrived = this.#mailed.get(number);
    // If the producer has dropped the item meanwhile, the next one may be in the ring.
    if (!arrived) return this.#reader.next === number ? NONE : this.take();
    this.#mailed.delete(number);
    // The producer may have dropped the item just now: then `pass` fails, and the next item is taken.
    return this.#reader.pass(number) ? this.#restore(arrived) : this.take();
  }

  #restore(arrived: ArrivedItem): unknown {
    const item = this.#line.restore(arrived);
    if (!arrived.isBuffer) return item;
    const { buffer, byteOffset, byteLength } = item as Uint8Array<ArrayBuffer>;
    return Buffer.from(buffer, byteOffset, byteLength);
  }
}
