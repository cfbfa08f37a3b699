/** The generator's side of a ring. @module */

import { isWellFormed } from '../base/well-formed.ts';
import { isJson } from './json.ts';
import { constants, Kind, kindOfChunk } from './kinds.ts';
import { RingWord, grow, placeOf, wordSize } from './ring.ts';
import type { Ring } from './ring.ts';
import { TypedShapes } from './typed-shapes.ts';

/** A chunk of more bytes travels in a message: there its copy can be handed over, here it would be copied twice. */
const mostChunk = 2 ** 16;

/** How many bytes are kept free for an object of a known shape. */
const mostShaped = 2048;

/** Of a text of more UTF-16 units it is not tried whether it has room. */
const mostText = 2 ** 14;

/**
 * Writes items where the consumer finds them at once.
 *
 * Invariant: an item is whole before `produced` counts it.
 */
export class RingWriter {
  readonly #ring: Ring;
  readonly #header: Int32Array;

  /** Number of the next item, as 32 bits. */
  #next = 0;

  /** How many were taken when that was last looked at: the other end writes it for each item, and reading it costs. */
  #taken = 0;

  /** Bytes written since the beginning; where they stood before each item of the ring. */
  #written = 0;
  readonly #begins: Float64Array;
  readonly #shapes: TypedShapes | undefined;

  /** `learns` says whether the other end sees every item, and knows the shapes that this one has learnt. */
  constructor(ring: Ring, learns: boolean) {
    this.#ring = ring;
    if (learns) this.#shapes = new TypedShapes();
    this.#header = ring.header;
    this.#begins = new Float64Array(ring.mask + 1);
  }

  /** Number of the next item. */
  get next(): number {
    return this.#next;
  }

  /** How many items were not taken. */
  get size(): number {
    this.#taken = Atomics.load(this.#header, RingWord.taken);
    return (this.#next - this.#taken) | 0;
  }

  /** Whether fewer than `count` items were not taken. */
  hasFewer(count: number): boolean {
    return ((this.#next - this.#taken) | 0) < count || this.size < count;
  }

  /** Writes a primitive or a small chunk, as it is now; says whether it had room. */
  write(value: unknown): boolean {
    switch (typeof value) {
      case 'number':
        return this.#put(Kind.number, value);
      case 'boolean':
      case 'undefined':
        return this.#put(Kind.constant, constants.indexOf(value));
      case 'string':
        return value.length <= mostText && isWellFormed(value) && this.#writeText(Kind.text, value);
      case 'object':
        return value === null ? this.#put(Kind.constant, 1) : this.#writeChunk(value);
      default:
        return false;
    }
  }

  /** Writes a small plain object of a known shape; says whether it is such and had room. */
  writeShaped(value: object): boolean {
    if (!this.#shapes) return false;
    const most = Math.min(mostShaped, this.#ring.bytes.length / 2);
    const offset = this.#room(most);
    if (offset < 0) return false;
    const end = this.#shapes.write(value, this.#ring, offset / wordSize, (offset + most) / wordSize);
    return end >= 0 && this.#putBytes(Kind.shaped, offset, end * wordSize - offset);
  }

  /** Writes a small plain object that JSON keeps; says whether it is such and had room. */
  writePlain(value: object): boolean {
    if (!isJson(value)) return false;
    const text = JSON.stringify(value);
    if (text.length > mostText || !this.#writeText(Kind.json, text)) return false;
    this.#shapes?.learn(value);
    return true;
  }

  /** The item was sent in a message. */
  skip(): void {
    if (this.hasFewer(this.#begins.length)) this.#begins[this.#next & this.#ring.mask] = this.#written;
    this.#count();
  }

  /** Gives up the oldest item that was not taken, if there is one. */
  dropOldest(): void {
    const taken = Atomics.load(this.#header, RingWord.taken);
    if (taken === this.#next) return;
    // Unless the consumer has just taken it, which makes room as well.
    if (Atomics.compareExchange(this.#header, RingWord.taken, taken, (taken + 1) | 0) === taken)
      Atomics.add(this.#header, RingWord.dropped, 1);
  }

  #put(kind: number, value: number): boolean {
    const { mask, marks, values } = this.#ring;
    if (!this.hasFewer(mask + 1)) return false;
    const slot = this.#next & mask;
    this.#begins[slot] = this.#written;
    values[slot] = value;
    marks[slot] = (this.#next << 3) | kind;
    this.#count();
    return true;
  }

  #count(): void {
    this.#next = (this.#next + 1) | 0;
    Atomics.store(this.#header, RingWord.produced, this.#next);
  }

  /** UTF-8 takes three bytes a unit at the most. */
  #writeText(kind: number, text: string): boolean {
    const offset = this.#room(text.length * 3);
    if (offset < 0) return false;
    const length = this.#ring.bytes.write(text, offset, 'utf8');
    return this.#putBytes(kind, offset, length);
  }

  #writeChunk(value: object): boolean {
    const kind = kindOfChunk(value);
    if (kind === 0) return false;
    const chunk = value as Uint8Array;
    if (chunk.byteLength > mostChunk) return false;
    const offset = this.#room(chunk.byteLength);
    if (offset < 0) return false;
    this.#ring.bytes.set(chunk, offset);
    return this.#putBytes(kind, offset, chunk.byteLength);
  }

  #putBytes(kind: number, offset: number, length: number): boolean {
    const before = this.#written;
    const start = before % this.#ring.bytes.length;
    const skipped = offset >= start ? offset - start : this.#ring.bytes.length - start + offset;
    this.#written = before + skipped;
    if (!this.#put(kind, placeOf(offset, length))) {
      this.#written = before;
      return false;
    }
    this.#written += Math.ceil(length / wordSize) * wordSize;
    return true;
  }

  /** Where `least` bytes have room in one piece; `-1` if nowhere. */
  #room(least: number): number {
    const length = Math.ceil(least / wordSize) * wordSize;
    if (!this.hasFewer(this.#begins.length)) return -1;
    for (;;) {
      const found = this.#find(length);
      const before = this.#ring.bytes.length;
      if (found >= 0 || !grow(this.#ring, length)) return found;
      // What waits is somewhere in what there was; what is written now comes after it.
      this.#begins.fill(0);
      this.#written = before;
    }
  }

  #find(length: number): number {
    if (length > this.#ring.bytes.length / 2) return -1;
    const found = this.#place(length);
    // More may have been taken since that was last looked at.
    return found < 0 && this.size < this.#begins.length ? this.#place(length) : found;
  }

  #place(length: number): number {
    const total = this.#ring.bytes.length;
    const begin = this.#next === this.#taken ? this.#written : (this.#begins[this.#taken & this.#ring.mask] as number);
    const used = this.#written - begin;
    const start = this.#written % total;
    const skipped = start + length > total ? total - start : 0;
    return used + skipped + length > total ? -1 : (start + skipped) % total;
  }
}
