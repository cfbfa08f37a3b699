/** The memory of a channel: a header and a ring of segments, to which one is added when none is free. @module */

import { fairShare, growable } from '../base/growable.ts';
import type { GrowableMemory } from '../base/growable.ts';
import type { Overflow } from '../channel/ring/ring.ts';
import { self } from './primitive.ts';

/** Fields of the header. Fields that different threads write often are in separate cache lines. */
export const Word = {
  /** How many items may wait, as a float of two words. */
  maxSize: 2,

  /** The default timeout of waits, in milliseconds, as a float of two words. */
  timeout: 4,

  /** The policy for items without room: its index in `overflows`. */
  overflow: 6,

  /**
   * Twice the number of items put, plus `1` once the channel is closed: one word, so that puts and the close are
   * ordered.
   */
  produced: 16,

  /** Where the next item will be written: one position for even numbers of items, and one for odd numbers. */
  tail: 18,

  /** The thread that is putting an item, or that is taking one while producers may drop the oldest. */
  lock: 22,

  /** How many items were dropped or refused. */
  dropped: 24,

  /** How many items were taken, or dropped as the oldest. */
  taken: 32,

  /** Where the next item is read: two positions, as for `tail`. */
  head: 34,

  /** The thread that takes items. */
  consumer: 38,

  /** The wait queues of threads that wait for room, and for items. */
  room: 48,
  items: 64,
} as const;

export const headerWords = 80;

/** How many words a position takes: the cell, and the segment in which the cell is. */
export const markWords = 2;

/** The numbers of items wrap around at 31 bits. */
export const numberMask: number = 2 ** 31 - 1;

/** The size of a cell in bytes: everything in the arena begins at a cell. */
export const cellSize = 8;

/** The cell at which the first segment begins. */
const firstCell = 48;

/** The usual size of a segment in cells: an eighth of a small memory, so that parts of it become free one by one. */
const usualCells = (mostCells: number): number => Math.min(8192, mostCells >> 3);

/** The least and the largest value of the option `maxBytes`. */
export const leastBytes: number = 2 ** 16;
export const mostBytes: number = 2 ** 30;

/** The default of `maxBytes`: so many bytes for each item, and so many in all at the least. */
const bytesPerItem = 2 ** 16;
const usualBytes = 2 ** 26;

/** Given when another thread has the lock. */
export const BUSY: unique symbol = Symbol('busy');

const overflows: readonly Overflow[] = ['block', 'error', 'drop-oldest', 'drop-newest'];

/** The checked options of a channel. */
export interface ChannelBounds {
  readonly maxSize: number;
  readonly maxBytes: number | undefined;
  readonly timeout: number;
  readonly overflow: Overflow;
}

/** Allocates the memory of a channel. */
export function channelMemory({ maxSize, maxBytes, timeout, overflow }: ChannelBounds): SharedArrayBuffer {
  const most = maxBytes ?? Math.min(Math.max(usualBytes, maxSize * bytesPerItem), mostBytes, fairShare());
  const bytes = Math.max(leastBytes, Math.floor(most));
  const segment = usualCells(bytes / cellSize);
  const memory = growable((firstCell + segment) * cellSize, firstCell * cellSize + bytes);
  const floats = new Float64Array(memory);
  floats[Word.maxSize / 2] = maxSize;
  floats[Word.timeout / 2] = timeout;
  const ints = new Int32Array(memory);
  ints[Word.overflow] = overflows.indexOf(overflow);
  for (const mark of [Word.tail, Word.head]) ints.set([firstCell + 1, firstCell], mark);
  ints.set([firstCell, segment], firstCell * 2);
  return memory;
}

/**
 * One thread's view of the memory. The first cell of a segment holds the beginning of the next segment and the number
 * of cells of this one.
 *
 * Invariant: the segments form a ring after every single store. After the segment into which the next item will be put
 * come the free segments, and then, back to that segment, those that hold items or are being read.
 */
export class Arena {
  readonly words: Int32Array;

  /** The memory, as far as this thread has seen it grow; a cell is two ints, one float, or eight bytes. */
  ints!: Int32Array;
  floats!: Float64Array;
  bytes!: Buffer;
  readonly #memory: GrowableMemory;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory as GrowableMemory;
    this.words = new Int32Array(memory, 0, headerWords);
    this.#see();
  }

  get maxSize(): number {
    return this.floats[Word.maxSize / 2] as number;
  }

  /** How many bytes the items that wait may take. */
  get maxBytes(): number {
    return this.#memory.maxByteLength - firstCell * cellSize;
  }

  get timeout(): number {
    return this.floats[Word.timeout / 2] as number;
  }

  get overflow(): Overflow {
    return overflows[this.words[Word.overflow] as number] ?? 'block';
  }

  /** How many cells a segment has that takes all of the memory. */
  get mostCells(): number {
    return Math.floor(this.maxBytes / cellSize);
  }

  /** Tries to take the lock; gives whether this thread has it now. Until `unlock`, no other thread puts an item. */
  lock(): boolean {
    return Atomics.compareExchange(this.words, Word.lock, 0, self) === 0;
  }

  unlock(): void {
    Atomics.store(this.words, Word.lock, 0);
  }

  /** Renews the views if another thread has made the memory grow and they do not reach `cell`. */
  reach(cell: number): void {
    if (cell >= this.floats.length) this.#see();
  }

  /** The end of the segment that begins at the cell `segment`. */
  endOf(segment: number): number {
    return segment + (this.ints[segment * 2 + 1] as number);
  }

  nextOf(segment: number): number {
    return this.ints[segment * 2] as number;
  }

  /**
   * Finds a free segment with room for `cells`, moves it behind `segment`, which has the last item, and gives it. Gives
   * `undefined` if there is none and the memory cannot grow. `head` is the segment of the item that is taken next.
   */
  follow(segment: number, cells: number, head: number): number | undefined {
    this.reach(head);
    let before = segment;
    for (let it = this.#reached(before); it !== head; it = this.#reached(before)) {
      if (this.endOf(it) - it >= cells) return this.#moveUp(it, before, segment);
      before = it;
    }
    return this.#grow(segment, cells);
  }

  #reached(segment: number): number {
    const next = this.nextOf(segment);
    this.reach(next);
    return next;
  }

  /** Moves the free segment `it` behind `segment`. If the thread is terminated in between, only `it` is lost. */
  #moveUp(it: number, before: number, segment: number): number {
    if (before !== segment) {
      this.ints[before * 2] = this.nextOf(it);
      this.ints[it * 2] = this.nextOf(segment);
      this.ints[segment * 2] = it;
    }
    return it;
  }

  /**
   * As {@link follow}, for an empty channel, in which all segments but `segment` are free but may be too small: merges
   * them. If the thread is terminated in between, the other segments are lost until the next merge.
   */
  reclaim(segment: number, cells: number): number | undefined {
    const found = this.#rearrange(segment, cells);
    // The memory that is added merges with the free cells at the end.
    return found === undefined && this.#growFully() ? this.#rearrange(segment, cells) : found;
  }

  #rearrange(segment: number, cells: number): number | undefined {
    const end = this.#memory.byteLength / cellSize;
    this.reach(end - 1);
    const free = [
      [firstCell, segment],
      [this.endOf(segment), end],
    ] as const;
    let next = segment;
    this.ints[segment * 2] = next;
    for (const [begin, end] of free) {
      if (begin === end) continue;
      this.ints[begin * 2 + 1] = end - begin;
      this.ints[begin * 2] = next;
      next = begin;
    }
    this.ints[segment * 2] = next;
    return this.follow(segment, cells, segment);
  }

  /** Whether `cells` would find room if the channel were empty: elsewhere, or in `segment` from its beginning. */
  canReclaim(segment: number, cells: number): boolean {
    const [end, most] = [this.endOf(segment), firstCell + this.mostCells];
    return Math.max(segment - firstCell, end - segment, most - end) >= cells;
  }

  /** Makes the memory grow to its limit; gives whether it grew. */
  #growFully(): boolean {
    const most = (firstCell + this.mostCells) * cellSize;
    if (this.#memory.byteLength >= most) return false;
    try {
      this.#memory.grow(most);
      return true;
    } catch {
      return false;
    }
  }

  #grow(segment: number, cells: number): number | undefined {
    const begin = this.#memory.byteLength / cellSize;
    let size = usualCells(this.mostCells);
    while (size < cells) size *= 2;
    size = Math.min(size, Math.floor(this.#memory.maxByteLength / cellSize) - begin);
    if (size < cells) return undefined;
    try {
      this.#memory.grow((begin + size) * cellSize);
    } catch {
      return undefined;
    }
    this.#see();
    this.ints[begin * 2 + 1] = size;
    this.ints[begin * 2] = this.nextOf(segment);
    this.ints[segment * 2] = begin;
    return begin;
  }

  /** Makes the views anew. Views of a fixed length are faster than length-tracking ones. */
  #see(): void {
    const length = this.#memory.byteLength;
    this.ints = new Int32Array(this.#memory, 0, length / 4);
    this.floats = new Float64Array(this.#memory, 0, length / cellSize);
    this.bytes = Buffer.from(this.#memory as unknown as ArrayBuffer, 0, length);
  }
}
