/** The items that have been produced, wherever they are: in shared memory or in messages. @module */

import type { ArrivedItem } from './call-stream.ts';
import { RingWord, sizeOf } from './ring.ts';
import type { Overflow, Ring } from './ring.ts';
import { MAILED, NONE, RingReader } from './ring-reader.ts';

/** What of its items is known elsewhere. */
export interface InboxLine {
  restore(item: ArrivedItem): unknown;

  /** Reads the messages that have arrived. */
  catchUp(): void;
}

/** Where the items of one iterator are, by their numbers. */
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

  /** Whether messages are read just now: whoever reads them gives out what they bring. */
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

  /** Takes the next item; `NONE` if there is none. Throws what a class of the user's does that refuses its fields. */
  take(): unknown {
    const item = this.#reader.take();
    return item === MAILED ? this.#takeMailed() : item;
  }

  /** The items, oldest first, which are not taken. */
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

  /** Passes over all items before the one of the number `end`, which have been produced. */
  dropTo(end: number): void {
    while (((this.#reader.next - end) | 0) < 0) this.#mailed.delete(this.#reader.drop());
  }

  /** An item has arrived in a message; says whether it is one that can still be taken. */
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

  /** Forgets what came in messages. */
  clear(): void {
    this.#mailed.clear();
  }

  /** Passes over all there is: nobody takes it any more. */
  finish(): void {
    this.#reader.clear();
    this.clear();
  }

  #takeMailed(): unknown {
    const number = this.#reader.mailed;
    if (!this.#mailed.has(number)) this.catchUp();
    const arrived = this.#mailed.get(number);
    // The item may have been dropped meanwhile; the one after it may be in the ring.
    if (!arrived) return this.#reader.next === number ? NONE : this.take();
    this.#mailed.delete(number);
    // The producer may have dropped the item at this moment.
    return this.#reader.pass(number) ? this.#restore(arrived) : this.take();
  }

  #restore(arrived: ArrivedItem): unknown {
    const item = this.#line.restore(arrived);
    if (!arrived.isBuffer) return item;
    const { buffer, byteOffset, byteLength } = item as Uint8Array<ArrayBuffer>;
    return Buffer.from(buffer, byteOffset, byteLength);
  }
}
