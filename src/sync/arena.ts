/** The memory of a channel: a header, and segments in a ring, which grows by one where it has no free one. @module */

import { fairShare, growable } from '../base/growable.ts';
import type { GrowableMemory } from '../base/growable.ts';
import type { Overflow } from '../channel/ring.ts';
import { self } from './primitive.ts';

/** Fields of the header; those that are written often by different threads stand in cache lines of their own. */
export const Word = {
  /** How many items may wait, as a float of two words. */
  maxSize: 2,

  /** How long waits may take that say nothing of that, in milliseconds, in the same way. */
  timeout: 4,

  /** What happens to items for which there is no room: its place in `overflows`. */
  overflow: 6,

  /** Twice how many items were put, and `1` more once the channel is closed: so neither can overtake the other. */
  produced: 16,

  /** Where the next item will stand: a {@link Mark} for even numbers of items, and one for odd ones. */
  tail: 18,

  /** The thread that is putting an item, or is taking one where producers take items away. */
  lock: 22,

  /** How many items were given up. */
  dropped: 24,

  /** How many items were taken, or given up as the oldest. */
  taken: 32,

  /** Where the next item stands, in the same way. */
  head: 34,

  /** The thread that takes items. */
  consumer: 38,

  /** Where to wait for room, and for items. */
  room: 48,
  items: 64,
} as const;

export const headerWords = 80;

/** Of how many words a mark consists: a cell, and the segment in which it is. */
export const markWords = 2;

/** Items are counted by so many bits. */
export const numberMask: number = 2 ** 31 - 1;

/** All that is in the arena begins at a cell, of so many bytes. */
export const cellSize = 8;

/** Where the first segment begins, in cells. */
const firstCell = 48;

/** How many cells a segment has that holds no large item: of small memory an eighth, so that it is used again in parts. */
const usualCells = (mostCells: number): number => Math.min(8192, mostCells >> 3);

/** How many bytes a channel has at the least, and at the most. */
export const leastBytes: number = 2 ** 16;
export const mostBytes: number = 2 ** 30;

/** How many bytes it may grow to where nothing is said: so many for each item, and for all of them at the least. */
const bytesPerItem = 2 ** 16;
const usualBytes = 2 ** 26;

/** What is given where another thread has the lock. */
export const BUSY: unique symbol = Symbol('busy');

const overflows: readonly Overflow[] = ['block', 'error', 'drop-oldest', 'drop-newest'];

/** What a channel is made for. */
export interface ChannelBounds {
  readonly maxSize: number;
  readonly maxBytes: number | undefined;
  readonly timeout: number;
  readonly overflow: Overflow;
}

/** Memory for a channel. */
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
 * The memory, as one thread sees it. A segment begins with a cell that says where the next one begins and how many cells
 * it has.
 *
 * Invariant: the segments are a ring after every single store. From the one where the next item will be put, those that
 * are free follow, and then, up to that one again, those that hold items or are being read.
 */
export class Arena {
  readonly words: Int32Array;

  /** All of the memory, as far as this thread knows: two words a cell, one float a cell, eight bytes a cell. */
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

  /** How many bytes of it items may take. */
  get maxBytes(): number {
    return this.#memory.maxByteLength - firstCell * cellSize;
  }

  get timeout(): number {
    return this.floats[Word.timeout / 2] as number;
  }

  get overflow(): Overflow {
    return overflows[this.words[Word.overflow] as number] ?? 'block';
  }

  /** Of how many cells a segment may consist that has all of the memory. */
  get mostCells(): number {
    return Math.floor(this.maxBytes / cellSize);
  }

  /** Says whether this thread has the lock now: until it unlocks, no other puts an item. */
  lock(): boolean {
    return Atomics.compareExchange(this.words, Word.lock, 0, self) === 0;
  }

  unlock(): void {
    Atomics.store(this.words, Word.lock, 0);
  }

  /** Sees the memory as far as `cell`, if another thread has made it grow. */
  reach(cell: number): void {
    if (cell >= this.floats.length) this.#see();
  }

  /** Where the segment ends that begins at `segment`. */
  endOf(segment: number): number {
    return segment + (this.ints[segment * 2 + 1] as number);
  }

  nextOf(segment: number): number {
    return this.ints[segment * 2] as number;
  }

  /**
   * Makes a free segment with room for `cells` the one after `segment`, where the last item is, and gives it; `undefined`
   * if there is none and the memory cannot grow. `head` is where the next item is taken.
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

  /** A thread that is terminated in between loses the segment, and nothing else. */
  #moveUp(it: number, before: number, segment: number): number {
    if (before !== segment) {
      this.ints[before * 2] = this.nextOf(it);
      this.ints[it * 2] = this.nextOf(segment);
      this.ints[segment * 2] = it;
    }
    return it;
  }

  /**
   * As {@link follow}, where there is no item, so that all but `segment` is free, in pieces that may be too small: makes
   * them as large as they can be. Who is terminated in between loses the others, until the next time.
   */
  reclaim(segment: number, cells: number): number | undefined {
    const found = this.#rearrange(segment, cells);
    // What the memory grows by is one piece with what was free at its end.
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

  /** Whether there would be room for `cells` if nothing waited: somewhere, or in `segment` from its beginning. */
  canReclaim(segment: number, cells: number): boolean {
    const [end, most] = [this.endOf(segment), firstCell + this.mostCells];
    return Math.max(segment - firstCell, end - segment, most - end) >= cells;
  }

  /** Makes the memory as large as it can be; says whether it was not. */
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

  /** Views of a fixed length are faster than those that grow with the memory. */
  #see(): void {
    const length = this.#memory.byteLength;
    this.ints = new Int32Array(this.#memory, 0, length / 4);
    this.floats = new Float64Array(this.#memory, 0, length / cellSize);
    this.bytes = Buffer.from(this.#memory as unknown as ArrayBuffer, 0, length);
  }
}
