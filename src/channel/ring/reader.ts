/** The consumer's side of a ring. @module */

import { constants, Kind, readBytes } from './kinds.ts';
import { RingWord, lengthOf, offsetOf, see, wordSize } from './ring.ts';
import type { Ring } from './ring.ts';
import { TypedShapes } from './typed-shapes.ts';

/** Given when there is no item. */
export const NONE: unique symbol = Symbol('none');

/** Given for an item that is in a message, not in the ring. */
export const MAILED: unique symbol = Symbol('mailed');

/** Reads items in the order in which they were written. */
export class RingReader {
  readonly #ring: Ring;
  readonly #header: Int32Array;

  /** Whether the producer takes items too, to drop the oldest. */
  readonly #isShared: boolean;

  /** Number of the next item, and how many are known to have been produced. */
  #next = 0;
  #produced = 0;

  readonly #shapes = new TypedShapes();

  /** Number of the first item whose shape was not learnt yet. */
  #learnt = 0;

  /** Number of the last item for which `take` gave `MAILED`. */
  mailed = 0;

  constructor(ring: Ring, isShared: boolean) {
    this.#ring = ring;
    this.#header = ring.header;
    this.#isShared = isShared;
  }

  /** Number of the next item; skips items that the producer has dropped. */
  get next(): number {
    if (this.#isShared) this.#next = Atomics.load(this.#header, RingWord.taken);
    return this.#next;
  }

  /** How many items wait. */
  get size(): number {
    this.#produced = Atomics.load(this.#header, RingWord.produced);
    return (this.#produced - this.next) | 0;
  }

  /** Takes the next item: gives `NONE` if there is none, or `MAILED`, without taking it, if it is not in the ring. */
  take(): unknown {
    for (;;) {
      const number = this.next;
      // The producer may have dropped more items than this end had seen produced.
      if (((number - this.#produced) | 0) >= 0 || this.#isShared) {
        this.#produced = Atomics.load(this.#header, RingWord.produced);
        if (((number - this.#produced) | 0) >= 0) return NONE;
      }
      const slot = number & this.#ring.mask;
      const kind = (this.#ring.tags[slot] as number) ^ (number << 3);
      if (kind <= 0 || kind > Kind.shaped) {
        this.mailed = number;
        return MAILED;
      }
      const raw = this.#raw(kind, slot);
      if (this.pass(number)) return kind === Kind.json ? this.#parse(number, raw as string) : raw;
    }
  }

  /** Counts the item `number` as taken; gives `false` if the producer has dropped it. */
  pass(number: number): boolean {
    const next = (number + 1) | 0;
    if (this.#isShared) return Atomics.compareExchange(this.#header, RingWord.taken, number, next) === number;
    this.#next = next;
    Atomics.store(this.#header, RingWord.taken, next);
    return true;
  }

  /** Gives the item `number` without taking it: `NONE` if it was dropped, `MAILED` if it is not in the ring. */
  look(number: number): unknown {
    const slot = number & this.#ring.mask;
    const kind = (this.#ring.tags[slot] as number) ^ (number << 3);
    if (kind <= 0 || kind > Kind.shaped) return MAILED;
    const raw = this.#raw(kind, slot);
    if (((number - this.next) | 0) < 0) return NONE;
    return kind === Kind.json ? this.#parse(number, raw as string) : raw;
  }

  /** Drops the next item, and gives its number. */
  drop(): number {
    const number = this.next;
    // Following items may have the shape of this one, so it has to be learnt.
    this.look(number);
    this.pass(number);
    return number;
  }

  /** Drops all items. */
  clear(): void {
    while (this.size > 0) this.pass(this.next);
  }

  #parse(number: number, text: string): unknown {
    const value: unknown = JSON.parse(text);
    if (((number - this.#learnt) | 0) < 0) return value;
    this.#learnt = (number + 1) | 0;
    if (!this.#isShared) this.#shapes.learn(value);
    return value;
  }

  /**
   * Reads `slot`. The caller checks afterwards, by `pass` or `next`, that the slot still held the item when it was
   * read.
   */
  #raw(kind: number, slot: number): unknown {
    const value = this.#ring.values[slot] as number;
    if (kind === Kind.number) return value;
    if (kind === Kind.constant) return constants[value];
    const begin = offsetOf(value);
    const end = begin + lengthOf(value);
    see(this.#ring, end);
    if (kind === Kind.shaped) return this.#shapes.read(this.#ring, begin / wordSize);
    return readBytes(kind, this.#ring.bytes, begin, end);
  }
}
