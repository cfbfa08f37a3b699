/** The memory that bytes are written to, and the primitives in it. @module */

import { isWellFormed } from '../../base/well-formed.ts';
import { Encoding, Tag } from './tags.ts';

/** ASCII text of up to this many UTF-16 units is written unit by unit, which is faster than a call into the engine. */
const shortText = 20;

/**
 * For a text longer than this, the size is computed before room is made for it; else the largest possible size is used.
 */
const longText = 2 ** 16;

/** The most bytes that a number takes, with its tag. */
const mostNumber = 9;

const initialSize = 4096;

/** A larger buffer than this is not kept for the next value, and may be given away without a copy. */
const mostKept = 2 ** 20;

/** A result of up to so many bytes may be lent. */
const mostLent = 2048;

/**
 * The buffer of the last writer. `undefined` while a writer is at work: a getter that it reads may need another writer.
 */
let spare: Buffer | undefined;

/** The view of the buffer that was used last. */
let spareView: DataView | undefined;

/** The memory that was lent last, and the views of its beginning, by their lengths. */
let lent: ArrayBufferLike | undefined;
let lentViews: (Uint8Array | undefined)[] = [];

/** A buffer that grows, and what is written in it that contains nothing else. */
export class ByteSink {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  constructor() {
    this.#bytes = spare ?? Buffer.allocUnsafeSlow(initialSize);
    this.#view = spareView?.buffer === this.#bytes.buffer ? spareView : viewOf(this.#bytes);
    spareView = this.#view;
    spare = undefined;
  }

  /** Gives what was written, in memory of its own. Ends the writer. */
  finish(): Uint8Array<ArrayBuffer> {
    const { buffer, length } = this.#bytes;
    if (length <= mostKept) spare = this.#bytes;
    // After one large piece of memory, little of the buffer is unused, so it is given away without a copy.
    else if (length - this.#at < length / 8) return new Uint8Array(buffer as ArrayBuffer, 0, this.#at);
    return new Uint8Array(this.#bytes.subarray(0, this.#at));
  }

  /** As {@link ByteWriter.finish}, in the memory that the next writer uses. */
  finishLent(): Uint8Array {
    if (this.#at > mostLent) return this.finish();
    const bytes = this.#bytes;
    if (lent !== bytes.buffer) {
      lent = bytes.buffer;
      lentViews = [];
    }
    spare = bytes;
    return (lentViews[this.#at] ??= bytes.subarray(0, this.#at));
  }

  /** Writes one byte as it is. */
  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at++] = value;
  }

  /** Writes a number with its tag. */
  number(value: number): void {
    this.#room(mostNumber);
    this.#at = this.#numberAt(value, this.#at);
  }

  /**
   * Writes the numbers in `items`, with their tags, from `from` up to the first item that is not a number; gives the index of that item.
   */
  numbersOf(items: readonly unknown[], from: number): number {
    const { length } = items;
    this.#room((length - from) * mostNumber);
    let at = this.#at;
    let i = from;
    for (; i < length; i += 1) {
      const item = items[i];
      if (typeof item !== 'number') break;
      at = this.#numberAt(item, at);
    }
    this.#at = at;
    return i;
  }

  /** Writes `value` at `at`, where there is room for it; gives the offset after it. */
  #numberAt(value: number, at: number): number {
    const bytes = this.#bytes;
    if ((value | 0) !== value || (value === 0 && 1 / value < 0)) {
      bytes[at] = Tag.double;
      this.#view.setFloat64(at + 1, value, true);
      return at + mostNumber;
    }
    let end = at;
    bytes[end++] = Tag.integer;
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest > 0x7f; rest >>>= 7) bytes[end++] = (rest & 0x7f) | 0x80;
    bytes[end++] = rest;
    return end;
  }

  /** Writes eight bytes, little-endian. */
  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** Writes a varint of up to 53 bits. */
  count(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest % 0x80) + 0x80;
      rest = rest > 0x7fff_ffff ? Math.floor(rest / 0x80) : rest >>> 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  /** Writes a bigint with its tag. */
  bigint(value: bigint): void {
    this.byte(Tag.bigint);
    this.byte(value < 0n ? 1 : 0);
    const digits = (value < 0n ? -value : value).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    this.counted(magnitude);
  }

  /** Writes a text without its tag. */
  text(value: string): void {
    const { length } = value;
    if (length <= shortText && this.#asciiText(value, length)) return;
    // Most text is ASCII; other text takes at most three bytes a unit.
    this.#room((length > longText ? Buffer.byteLength(value) : length * 3) + 16);
    const start = this.#at;
    this.count(length * 2);
    const size = this.#bytes.write(value, this.#at, 'utf8');
    if (size === length) {
      this.#at += size;
      return;
    }
    this.#at = start;
    const isUtf8 = isWellFormed(value);
    if (!isUtf8) this.#room(length * 2 + 16);
    this.count((isUtf8 ? size : length * 2) * 2 + 1);
    this.byte(isUtf8 ? Encoding.utf8 : Encoding.utf16);
    this.#at += this.#bytes.write(value, this.#at, isUtf8 ? 'utf8' : 'utf16le');
  }

  /** Writes the text if it is ASCII; if not, gives `false` and has written nothing. */
  #asciiText(value: string, length: number): boolean {
    this.#room(length + 1);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = length * 2;
    for (let i = 0; i < length; i += 1) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[at++] = unit;
    }
    this.#at = at;
    return true;
  }

  /** Writes the number of bytes, and the bytes. */
  counted(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(size: number): void {
    if (this.#at + size > this.#bytes.length) this.#grow(size);
  }

  /** Doubles the buffer; for one large piece it grows only as far as needed, with a little room for what follows. */
  #grow(size: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#at + size + 64, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength);
