/** Reads lines of JSON. @module */

import type { ItemsHere } from './connection.ts';
import type { SourceEvent } from './http-options.ts';
import { LineBlocks } from './line-blocks.ts';
import { ended, tooLong, unreadable } from './failures.ts';

/** Makes events of chunks of a response. */
export interface Reader<T extends object> extends ItemsHere<T> {
  /** Whether an event or a ping has come. */
  readonly isGood: boolean;

  /** The failure that comes after the items that are there. */
  readonly failure: { readonly error: unknown } | undefined;

  /** Takes a chunk. */
  feed(chunk: Uint8Array): void;

  /** There are no more chunks; `isWhole` says whether a last line without its end is sure to be all of it. */
  finish(isWhole: boolean): void;
}

/** The options that the readers of one source have in common. */
export interface ReaderOptions<T extends object> {
  readonly name: string;
  readonly maxLength: number;
  readonly parse: ((text: string) => unknown) | undefined;
  readonly isPing: ((event: SourceEvent) => boolean) | undefined;

  /** Makes the item of an event, if that is not the event itself. */
  readonly item: ((event: SourceEvent) => T) | undefined;
}

/** A line is parsed when it is asked for, so that a chunk with many lines does not become many objects at once. */
export class NdjsonReader<T extends object> implements Reader<T> {
  isGood = false;
  failure: { readonly error: unknown } | undefined;
  readonly #options: ReaderOptions<T>;
  readonly #parse: (text: string) => unknown;
  readonly #lines: LineBlocks;
  #block = '';
  #at = 0;

  constructor(options: ReaderOptions<T>) {
    this.#options = options;
    this.#parse = options.parse ?? JSON.parse;
    this.#lines = new LineBlocks(options.maxLength, { endsAtReturns: false });
  }

  feed(chunk: Uint8Array): void {
    this.#block = this.#lines.feed(chunk);
    this.#at = 0;
  }

  finish(isWhole: boolean): void {
    const rest = this.#lines.rest();
    // No beginning of an object, of an array or of a string is JSON as well; that of a number is.
    const isTaken = isWhole || /[}\]"]\s*$/.test(rest);
    this.#block = isTaken && rest !== '' ? `${rest}\n` : '';
    this.#at = 0;
    if (!isTaken && rest.trim() !== '') this.failure = { error: ended(this.#options.name, 'it ended within a line') };
  }

  take(): T | undefined {
    while (!this.failure) {
      const end = this.#block.indexOf('\n', this.#at);
      if (end < 0) break;
      const line = this.#block.slice(this.#at, end);
      this.#at = end + 1;
      const item = this.#read(line);
      if (item !== undefined) return item;
    }
    if (!this.failure && this.#lines.isTooLong) this.failure = { error: tooLong(this.#options.maxLength) };
    return undefined;
  }

  #read(line: string): T | undefined {
    // Blank lines are signs of life.
    if (line.length < 8 && line.trim() === '') {
      this.isGood = true;
      return undefined;
    }
    const { name, isPing, item } = this.#options;
    try {
      this.#lines.check(line);
      const event: SourceEvent = { type: 'event', data: this.#parse(line) };
      this.isGood = true;
      if (isPing?.(event) === true) return undefined;
      return item ? item(event) : (event as object as T);
    } catch (error) {
      this.failure = { error: unreadable(name, line, error) };
      return undefined;
    }
  }
}
