/** The producers' side of a channel, as one thread has it. @module */

import { OffloopError } from '../base/errors.ts';
import { overflowError } from '../channel/overflow.ts';
import type { Overflow } from '../channel/ring.ts';
import { BUSY, markWords, numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { Kind } from '../channel/kinds.ts';
import { cellsFor, writeItem } from './item.ts';
import type { Item } from './item.ts';
import { ChannelHead } from './channel-head.ts';

/**
 * What became of an item: it is in the channel, another thread was faster, there is no room, there is none and it was
 * dropped, or another thread is putting one.
 */
export const PUT: unique symbol = Symbol('put');
export const BEATEN: unique symbol = Symbol('beaten');
export const FULL: unique symbol = Symbol('full');
export const DROPPED: unique symbol = Symbol('dropped');

export type Outcome = typeof PUT | typeof BEATEN | typeof FULL | typeof DROPPED | typeof BUSY;

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
  readonly #mostCells: number;
  readonly #overflow: Overflow;
  readonly #head: ChannelHead;

  /** Number of the item after the last that this thread has put, and how many were taken when it last looked. */
  #next = -1;
  #taken = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = arena.words;
    this.#maxSize = arena.maxSize;
    this.#mostCells = arena.mostCells;
    this.#overflow = arena.overflow;
    this.#head = new ChannelHead(arena);
  }

  /**
   * Puts `item` if that can be done at once.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED`, or `ERR_OFFLOOP_OVERFLOW` if it would not even fit alone, or there is no
   *   room and that is an error.
   */
  put(item: Item): Outcome {
    const number = this.#produced() >>> 1;
    const cells = cellsFor(item);
    if (cells + 2 > this.#mostCells) throw this.#tooLarge(cells);
    if (this.#isFull(number) && this.#overflow !== 'drop-oldest') return this.#giveUp(FULL);
    if (!this.#arena.lock()) return BUSY;
    let outcome: Outcome;
    try {
      outcome = this.#write(item, cells);
    } finally {
      this.#arena.unlock();
    }
    return outcome === PUT ? outcome : this.#giveUp(outcome);
  }

  /** There is no room. */
  #giveUp(outcome: Outcome): Outcome {
    const overflow = this.#overflow;
    if (overflow === 'block' || overflow === 'drop-oldest') return outcome;
    Atomics.add(this.#words, Word.dropped, 1);
    if (overflow === 'error') throw this.#overflown();
    return DROPPED;
  }

  #produced(): number {
    const produced = Atomics.load(this.#words, Word.produced);
    if ((produced & 1) === 1) throw closedError();
    return produced;
  }

  /** How many were taken is looked up only where it matters: the consumer writes it for each item, and reading it costs. */
  #isFull(number: number): boolean {
    if (number === this.#next && ((number - this.#taken) & numberMask) < this.#maxSize) return false;
    this.#taken = this.#head.taken;
    return ((number - this.#taken) & numberMask) >= this.#maxSize;
  }

  #write(item: Item, cells: number): Outcome {
    const [arena, words] = [this.#arena, this.#words];
    const produced = this.#produced();
    const number = produced >>> 1;
    while (this.#isFull(number)) {
      if (this.#overflow !== 'drop-oldest') return BEATEN;
      this.#dropOldest();
    }
    const mark = Word.tail + (number & 1) * markWords;
    let cell = words[mark] as number;
    let segment = words[mark + 1] as number;
    arena.reach(cell);
    if (cell === segment + 1) this.#alignHead(number, cell);
    // One cell is kept for the jump to the next segment.
    if (cell + cells + 1 > arena.endOf(segment)) {
      const next = this.#room(number, segment, cells + 2);
      if (next !== undefined) {
        arena.ints[cell * 2] = Kind.jump;
        segment = next;
        cell = next + 1;
      } else if (this.#isEmpty(number) && segment + cells + 2 <= arena.endOf(segment)) {
        cell = segment + 1;
        words[mark] = cell;
        this.#alignHead(number, cell);
      } else {
        return this.#refuse(number, cells);
      }
    }
    const next = Word.tail + ((number + 1) & 1) * markWords;
    words[next] = writeItem(arena, cell, item);
    words[next + 1] = segment;
    if (Atomics.compareExchange(words, Word.produced, produced, (produced + 2) | 0) !== produced) throw closedError();
    this.#next = (number + 1) & numberMask;
    return PUT;
  }

  /** A segment for the item `number` after `segment`, if there can be one. */
  #room(number: number, segment: number, cells: number): number | undefined {
    const [arena, head] = [this.#arena, this.#head];
    for (;;) {
      const before = head.currentSegment;
      const found = arena.follow(segment, cells, before);
      if (found !== undefined) return found;
      // Where the memory cannot grow and nothing waits, what is free may be in pieces.
      if (this.#isEmpty(number)) return arena.reclaim(segment, cells);
      // Nothing is dropped for what would find no room even then.
      if (this.#overflow !== 'drop-oldest' || !arena.canReclaim(segment, cells)) return undefined;
      do this.#dropOldest();
      while (!this.#isEmpty(number) && head.currentSegment === before);
    }
  }

  /**
   * Where nothing waits, the item `number` may stand at the beginning of the segment in which the last one was. A thread
   * that is terminated before it says so at the head leaves that to the next one, which finds the tail there.
   */
  #alignHead(number: number, cell: number): void {
    if (this.#isEmpty(number)) Atomics.store(this.#words, Word.head + (number & 1) * markWords, cell);
  }

  /** Takes the oldest item away, which nobody takes meanwhile: a consumer would have the lock. */
  #dropOldest(): void {
    const { taken } = this.#head;
    this.#head.find(taken);
    // Before it is gone: a thread that is terminated in between has counted one too many, and lost none.
    Atomics.add(this.#words, Word.dropped, 1);
    this.#head.pass(taken);
  }

  /** Whether all before the item `number` were taken; its marks are read by nobody before it is put. */
  #isEmpty(number: number): boolean {
    return this.#head.taken === number;
  }

  #refuse(number: number, cells: number): typeof FULL {
    if (this.#overflow !== 'drop-oldest' && !this.#isEmpty(number)) return FULL;
    throw this.#tooLarge(cells);
  }

  #tooLarge(cells: number): OffloopError {
    const { maxBytes } = this.#arena;
    const text = `Cannot put the item: its ${cells * 8} bytes find no room in the memory of the channel: its maxBytes is ${maxBytes}`;
    return new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
  }

  #overflown(): OffloopError {
    if (this.#isFull(this.#produced() >>> 1)) return overflowError('put', this.#maxSize);
    const text = `Cannot put another item: those that wait leave no room: maxBytes is ${this.#arena.maxBytes}`;
    return new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
  }
}

/** The error for what is put into a channel that is closed. */
function closedError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot put an item: the channel is closed');
}
