/** Cuts bytes into blocks of whole lines, wherever the chunks of a network begin and end. @module */

import { tooLong } from './failures.ts';

const lineFeed = 10;
const carriageReturn = 13;

/**
 * Only whole lines are decoded. No character of UTF-8 has the byte of a line end inside, so that the text does not depend
 * on where the bytes were cut.
 *
 * Invariant: what is kept has no line end, and at most `maxLength` bytes.
 */
export class LineBlocks {
  readonly #maxLength: number;

  /** Whether a carriage return alone ends a line, as in server-sent events. */
  readonly #endsAtReturns: boolean;
  #kept: Buffer[] = [];
  #keptLength = 0;
  #isFirst = true;

  constructor(maxLength: number, options: { endsAtReturns: boolean }) {
    this.#maxLength = maxLength;
    this.#endsAtReturns = options.endsAtReturns;
  }

  /** The whole lines that `chunk` completes, with their ends; `''` if there are none. */
  feed(chunk: Uint8Array): string {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let end = bytes.lastIndexOf(lineFeed);
    if (this.#endsAtReturns && end < bytes.length - 1) end = Math.max(end, bytes.lastIndexOf(carriageReturn));
    const rest = bytes.subarray(end + 1);
    if (end < 0) {
      this.#keep(rest);
      return '';
    }
    const block = this.#take(bytes.subarray(0, end + 1));
    if (rest.length > 0) this.#keep(rest);
    return block;
  }

  /** The line that was begun and has no end. */
  rest(): string {
    return this.#keptLength === 0 ? '' : this.#take(Buffer.alloc(0));
  }

  /** Whether a line was begun that is longer than allowed. */
  get isTooLong(): boolean {
    return this.#keptLength > this.#maxLength;
  }

  /** @throws {OffloopError} `ERR_OFFLOOP_TOO_LONG` if `text` is longer than a line may be. */
  check(text: string): void {
    if (this.#isLong(text)) throw tooLong(this.#maxLength);
  }

  /** The lines of `block` before the first one that is too long. */
  withoutLong(block: string): string {
    if (block.length * 3 <= this.#maxLength) return block;
    let start = 0;
    for (;;) {
      const end = block.indexOf('\n', start);
      if (end < 0 || this.#isLong(block.slice(start, end))) return end < 0 ? block : block.slice(0, start);
      start = end + 1;
    }
  }

  #isLong(text: string): boolean {
    // A character takes three bytes at the most, so that few lines are measured.
    return text.length * 3 > this.#maxLength && Buffer.byteLength(text) > this.#maxLength;
  }

  #keep(bytes: Buffer): void {
    // A line that is too long already is an error, whatever follows.
    if (!this.isTooLong) this.#kept.push(bytes);
    this.#keptLength += bytes.length;
  }

  #take(bytes: Buffer): string {
    const whole = this.#kept.length === 0 ? bytes : Buffer.concat([...this.#kept, bytes]);
    this.#kept = [];
    this.#keptLength = 0;
    const text = whole.toString('utf8');
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return isFirst && text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text;
  }
}

const byteOrderMark = 0xfeff;
