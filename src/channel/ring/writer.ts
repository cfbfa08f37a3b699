/** The generator's side of a ring. @module */

import { isWellFormed } from '../../base/well-formed.ts';
import { isJson } from './json.ts';
import { constants, Kind, kindOfChunk } from './kinds.ts';
import { RingWord, grow, spanOf, wordSize } from './ring.ts';
import type { Ring } from './ring.ts';
import { TypedShapes } from './typed-shapes.ts';

/** A chunk of more bytes goes in a message, which transfers one copy; the ring would need two copies. */
const mostChunk = 2 ** 16;

/** How many bytes have to be free before an object of a known shape is written. */
const mostShaped = 2048;

/** A text of more UTF-16 units is not written to the ring. */
const mostText = 2 ** 14;

/**
 * Writes items into the ring.
 *
 * Invariant: an item is completely written before `produced` counts it.
 */
export class RingWriter {
  readonly #ring: Ring;
  readonly #header: Int32Array;

  /** Number of the next item, as 32 bits. */
  #next = 0;

  /** The last seen count of taken items. It is cached because the consumer writes it often, so reading it is slow. */
  #taken = 0;

  /** How many bytes were written since the beginning, in all and before each item of the ring. */
  #written = 0;
  readonly #begins: Float64Array;
  readonly #shapes: TypedShapes | undefined;

  /** `learns` says whether the reader sees every item, so that it learns the same shapes as this writer. */
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

  /** Writes a primitive or a copy of a small chunk; gives whether that was possible. */
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

  /** Writes a small plain object; gives `false` if its shape is unknown or there is no room. */
  writeShaped(value: object): boolean {
    if (!this.#shapes) return false;
    const most = Math.min(mostShaped, this.#ring.bytes.length / 2);
    const offset = this.#room(most);
    if (offset < 0) return false;
    const end = this.#shapes.write(value, this.#ring, offset / wordSize, (offset + most) / wordSize);
    return end >= 0 && this.#putBytes(Kind.shaped, offset, end * wordSize - offset);
  }

  /** Writes a small plain object as JSON; gives `false` if JSON would change it or there is no room. */
  writePlain(value: object): boolean {
    if (!isJson(value)) return false;
    const text = JSON.stringify(value);
    if (text.length > mostText || !this.#writeText(Kind.json, text)) return false;
    this.#shapes?.learn(value);
    return true;
  }

  /** Counts an item that was sent in a message. */
  skip(): void {
    if (this.hasFewer(this.#begins.length)) this.#begins[this.#next & this.#ring.mask] = this.#written;
    this.#count();
  }

  /** Drops the oldest item that was not taken, if there is one. */
  dropOldest(): void {
    const taken = Atomics.load(this.#header, RingWord.taken);
    if (taken === this.#next) return;
    // If the consumer has just taken the item, there is room as well.
    if (Atomics.compareExchange(this.#header, RingWord.taken, taken, (taken + 1) | 0) === taken)
      Atomics.add(this.#header, RingWord.dropped, 1);
  }

  #put(kind: number, value: number): boolean {
    const { mask, tags, values } = this.#ring;
    if (!this.hasFewer(mask + 1)) return false;
    const slot = this.#next & mask;
    this.#begins[slot] = this.#written;
    values[slot] = value;
    tags[slot] = (this.#next << 3) | kind;
    this.#count();
    return true;
  }

  #count(): void {
    this.#next = (this.#next + 1) | 0;
    Atomics.store(this.#header, RingWord.produced, this.#next);
  }

  #writeText(kind: number, text: string): boolean {
    // UTF-8 takes three bytes at the most for each UTF-16 unit.
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
    if (!this.#put(kind, spanOf(offset, length))) {
      this.#written = before;
      return false;
    }
    this.#written += Math.ceil(length / wordSize) * wordSize;
    return true;
  }

  /** The offset of `least` contiguous free bytes; `-1` if there are none. */
  #room(least: number): number {
    const length = Math.ceil(least / wordSize) * wordSize;
    if (!this.hasFewer(this.#begins.length)) return -1;
    for (;;) {
      const found = this.#find(length);
      const before = this.#ring.bytes.length;
      if (found >= 0 || !grow(this.#ring, length)) return found;
      // The items that wait are in the old part of the bytes, so writing goes on in the new part.
      this.#begins.fill(0);
      this.#written = before;
    }
  }

  #find(length: number): number {
    if (length > this.#ring.bytes.length / 2) return -1;
    const found = this.#place(length);
    // The consumer may have taken more items since the count was last read.
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
