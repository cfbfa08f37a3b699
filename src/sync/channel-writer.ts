/** The producers' side of a channel, as one thread has it. @module */

import { OffloopError } from '../base/errors.ts';
import { markWords, numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { Kind } from '../channel/kinds.ts';
import { cellsFor, writeItem } from './item.ts';
import type { Item } from './item.ts';
import { self } from './primitive.ts';

/** What became of an item: it is in the channel, another thread was faster, there is no room, or another is putting one. */
export const PUT: unique symbol = Symbol('put');
export const BEATEN: unique symbol = Symbol('beaten');
export const FULL: unique symbol = Symbol('full');
export const BUSY: unique symbol = Symbol('busy');

export type Outcome = typeof PUT | typeof BEATEN | typeof FULL | typeof BUSY;

/**
 * Writes items at the end, one thread at a time.
 *
 * Invariant: all that a put changes takes effect by one exchange of `produced`; a thread that is terminated before it
 * has put nothing.
 */
export class ChannelWriter {
  readonly #arena: Arena;
  readonly #words: Int32Array;
  readonly #maxSize: number;

  /** Number of the item after the last that this thread has put, and how many were taken when it last looked. */
  #next = -1;
  #taken = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = arena.words;
    this.#maxSize = arena.maxSize;
  }

  /**
   * Puts `item` if that can be done at once.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED`, or `ERR_OFFLOOP_OVERFLOW` if it would not even fit alone.
   */
  put(item: Item): Outcome {
    const words = this.#words;
    if (this.#isFull(this.#produced() >>> 1)) return FULL;
    if (Atomics.compareExchange(words, Word.lock, 0, self) !== 0) return BUSY;
    try {
      return this.#write(item);
    } finally {
      Atomics.store(words, Word.lock, 0);
    }
  }

  #produced(): number {
    const produced = Atomics.load(this.#words, Word.produced);
    if ((produced & 1) === 1) throw closedError();
    return produced;
  }

  /** How many were taken is looked up only where it matters: the consumer writes it for each item, and reading it costs. */
  #isFull(number: number): boolean {
    if (number === this.#next && ((number - this.#taken) & numberMask) < this.#maxSize) return false;
    this.#taken = Atomics.load(this.#words, Word.taken);
    return ((number - this.#taken) & numberMask) >= this.#maxSize;
  }

  #write(item: Item): Outcome {
    const [arena, words] = [this.#arena, this.#words];
    const produced = this.#produced();
    const number = produced >>> 1;
    if (this.#isFull(number)) return BEATEN;
    const mark = Word.tail + (number & 1) * markWords;
    let cell = words[mark] as number;
    let segment = words[mark + 1] as number;
    arena.reach(cell);
    const cells = cellsFor(item);
    // One cell is kept for the jump to the next segment.
    if (cell + cells + 1 > arena.endOf(segment)) {
      const next = arena.follow(segment, cells + 2, this.#headSegment()) ?? this.#reclaim(number, segment, cells + 2);
      if (next === undefined) return this.#refuse(number, cells);
      arena.ints[cell * 2] = Kind.jump;
      segment = next;
      cell = next + 1;
    }
    const next = Word.tail + ((number + 1) & 1) * markWords;
    words[next] = writeItem(arena, cell, item);
    words[next + 1] = segment;
    if (Atomics.compareExchange(words, Word.produced, produced, (produced + 2) | 0) !== produced) throw closedError();
    this.#next = (number + 1) & numberMask;
    return PUT;
  }

  /** The segment in which the next item is to be taken, or was taken a moment ago. */
  #headSegment(): number {
    const words = this.#words;
    for (;;) {
      const taken = Atomics.load(words, Word.taken);
      const segment = Atomics.load(words, Word.head + (taken & 1) * markWords + 1);
      // The mark is rewritten after the next item was taken.
      if (Atomics.load(words, Word.taken) === taken) return segment;
    }
  }

  /** Where the memory cannot grow and nothing waits, what is free may be in pieces. */
  #reclaim(number: number, segment: number, cells: number): number | undefined {
    return this.#isEmpty(number) ? this.#arena.reclaim(segment, cells) : undefined;
  }

  /** Whether all before the item `number` were taken; its marks are read by nobody before it is put. */
  #isEmpty(number: number): boolean {
    return Atomics.load(this.#words, Word.taken) === number;
  }

  #refuse(number: number, cells: number): typeof FULL {
    if (!this.#isEmpty(number)) return FULL;
    const { maxBytes } = this.#arena;
    const text = `Cannot put the item: its ${cells * 8} bytes find no room in the memory of the channel: its maxBytes is ${maxBytes}`;
    throw new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
  }
}

/** The error for what is put into a channel that is closed. */
function closedError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot put an item: the channel is closed');
}
