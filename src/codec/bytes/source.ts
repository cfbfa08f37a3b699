/** Untrusted bytes, and the primitives that are read from them. @module */

import { Encoding } from './tags.ts';

/**
 * A text of up to `mostCut` bytes is cut from a larger text, decoded once from `blockSize` bytes. This takes a third of
 * the time of decoding each text alone. A text that lives on may retain one such block.
 */
const mostCut = 128;
const blockSize = 1024;

/** Bytes that are read from front to back. No length in them is trusted. */
export class ByteSource {
  /** What is read. */
  protected readonly bytes: Buffer;

  /** The offset of the next byte. */
  protected at: number;

  /** The text of the bytes from `#blockAt` on. */
  #block = '';
  #blockAt = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** Whether all bytes were read. */
  get done(): boolean {
    return this.at === this.bytes.length;
  }

  /** Reads one byte as it is. */
  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw malformed('they end too early');
    this.at += 1;
    return value;
  }

  /** Reads a varint of at most `most`. */
  count(most: number): number {
    let value = this.byte();
    if (value > 0x7f) {
      const next = this.byte();
      value = (value & 0x7f) | ((next & 0x7f) << 7);
      if (next > 0x7f) value = this.#longCount(value);
    }
    if (value > most) throw malformed(`the number ${value} is too large`);
    return value;
  }

  /** Reads the rest of a varint whose first 14 bits are `first`. */
  #longCount(first: number): number {
    let value = first;
    for (let weight = 2 ** 14; ; weight *= 0x80) {
      const next = this.byte();
      value += (next & 0x7f) * weight;
      if (next < 0x80) return value;
      if (weight > 2 ** 42) throw malformed('a number is too long');
    }
  }

  /** Reads how many things follow, each of which takes a byte at least. */
  length(): number {
    return this.count(this.bytes.length - this.at);
  }

  /** Passes `length` bytes over; gives the offset of the first of them. */
  take(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) throw malformed('they end too early');
    this.at = start + length;
    return start;
  }

  /** Reads a zigzag varint of 32 bits. */
  integer(): number {
    const zigzag = this.count(0xffff_ffff);
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  /** Reads eight bytes, little-endian. */
  double(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  /** Reads a bigint without its tag. */
  bigint(): bigint {
    const isNegative = this.byte() === 1;
    const length = this.length();
    const start = this.take(length);
    const magnitude = this.bytes.toString('hex', start, start + length);
    const value = BigInt(`0x${magnitude || '0'}`);
    return isNegative ? -value : value;
  }

  /** Reads a text without its tag. */
  text(): string {
    const size = this.count(Math.min(this.bytes.length * 2 + 1, 0xffff_ffff));
    const length = size >>> 1;
    if ((size & 1) === 0) {
      const start = this.take(length);
      return length <= mostCut ? this.#cut(start, length) : this.bytes.toString('latin1', start, start + length);
    }
    const encoding = this.byte();
    if (encoding > Encoding.utf16) throw malformed('the encoding of a text is unknown');
    const start = this.take(length);
    return this.bytes.toString(encoding === Encoding.utf8 ? 'utf8' : 'utf16le', start, this.at);
  }

  #cut(start: number, length: number): string {
    let from = start - this.#blockAt;
    if (from < 0 || from + length > this.#block.length) {
      this.#block = this.bytes.toString('latin1', start, start + blockSize);
      this.#blockAt = start;
      from = 0;
    }
    return this.#block.slice(from, from + length);
  }
}

/** What is thrown for bytes that no writer writes. */
export function malformed(why: string, cause?: unknown): RangeError {
  return new RangeError(why, cause === undefined ? undefined : { cause });
}
