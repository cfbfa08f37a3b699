/** The producers' side of a channel in one thread. @module */

import { OffloopError } from '../base/errors.ts';
import { overflowError } from '../channel/overflow.ts';
import type { Overflow } from '../channel/ring/ring.ts';
import { BUSY, markWords, numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { Kind } from '../channel/ring/kinds.ts';
import { cellsFor, writeItem } from './item.ts';
import type { Item } from './item.ts';
import { ChannelHead } from './channel-head.ts';

/**
 * Outcomes of a put: the item is in the channel; another thread took the room first; there is no room; the item was
 * dropped because there is no room; another thread has the lock (`BUSY`).
 */
export const PUT: unique symbol = Symbol('put');
export const BEATEN: unique symbol = Symbol('beaten');
export const FULL: unique symbol = Symbol('full');
export const DROPPED: unique symbol = Symbol('dropped');

export type Outcome = typeof PUT | typeof BEATEN | typeof FULL | typeof DROPPED | typeof BUSY;

/**
 * Writes items at the tail, one thread at a time.
 *
 * Invariant: a put takes effect by one exchange of `produced`; a thread that is terminated before it has put nothing.
 */
export class ChannelWriter {
  readonly #arena: Arena;
  readonly #words: Int32Array;
  readonly #maxSize: number;
  readonly #mostCells: number;
  readonly #overflow: Overflow;
  readonly #head: ChannelHead;

  /** The number of items put, as this thread left it; and the number of items taken, as this thread last saw it. */
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
   * Puts `item` if that is possible without waiting.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the channel is closed.
   * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW` if the item is too large even for an empty channel, or if there is no
   *   room and `overflow` is `'error'`.
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

  /** Applies the `overflow` policy to an item that found no room. */
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

  /** Reads `taken` only if the cached count is not enough: the consumer writes it often, so reading it is slow. */
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
    // One cell stays free for the jump to the next segment.
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

  /** Finds a segment for the item `number` to follow `segment`, if there can be one. */
  #room(number: number, segment: number, cells: number): number | undefined {
    const [arena, head] = [this.#arena, this.#head];
    for (;;) {
      const before = head.currentSegment;
      const found = arena.follow(segment, cells, before);
      if (found !== undefined) return found;
      // If the channel is empty and the memory cannot grow, merging the free segments may give enough room.
      if (this.#isEmpty(number)) return arena.reclaim(segment, cells);
      // Drop nothing for an item that would find no room even in an empty channel.
      if (this.#overflow !== 'drop-oldest' || !arena.canReclaim(segment, cells)) return undefined;
      do this.#dropOldest();
      while (!this.#isEmpty(number) && head.currentSegment === before);
    }
  }

  /**
   * In an empty channel, the item `number` may be written at the beginning of the segment of the last item; the head
   * then has to move there too. If the thread is terminated before that, the next put does it, as it finds the tail
   * there.
   */
  #alignHead(number: number, cell: number): void {
    if (this.#isEmpty(number)) Atomics.store(this.#words, Word.head + (number & 1) * markWords, cell);
  }

  /** Drops the oldest item. This thread has the lock, so no consumer takes the item meanwhile. */
  #dropOldest(): void {
    const { taken } = this.#head;
    this.#head.find(taken);
    // Count first: if the thread is terminated in between, the count is one too high, but no item is lost uncounted.
    Atomics.add(this.#words, Word.dropped, 1);
    this.#head.pass(taken);
  }

  /** Whether all items before `number` were taken. Then no thread reads the position of `number` until it is put. */
  #isEmpty(number: number): boolean {
    return this.#head.taken === number;
  }

  #refuse(number: number, cells: number): typeof FULL {
    if (this.#overflow !== 'drop-oldest' && !this.#isEmpty(number)) return FULL;
    throw this.#tooLarge(cells);
  }

  #tooLarge(cells: number): OffloopError {
    const { maxBytes } = this.#arena;
    const text = `Cannot put the item: its ${cells * 8} bytes do not fit into the channel, whose maxBytes is ${maxBytes}: raise maxBytes or put smaller items`;
    return new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
  }

  #overflown(): OffloopError {
    if (this.#isFull(this.#produced() >>> 1)) return overflowError('put', this.#maxSize);
    const text = `Cannot put another item: the items that wait leave no room for it: maxBytes is ${this.#arena.maxBytes}`;
    return new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
  }
}

/** Makes the error for a put into a closed channel. */
function closedError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot put an item: the channel is closed');
}
