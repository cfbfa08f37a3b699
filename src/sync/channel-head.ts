/** The head of a channel: the position of the next item to be taken. @module */

import { Kind } from '../channel/ring/kinds.ts';
import { markWords, numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { endOfItem } from './item.ts';

/**
 * One thread's view of the head of a channel. There is one position for even numbers of items, and one for odd numbers:
 * the position of the next item is not overwritten before that item is passed.
 *
 * Invariant: one store of `taken` passes an item; a thread that is terminated before that store has changed nothing.
 */
export class ChannelHead {
  /** The position of the item that was found. */
  cell = 0;
  segment = 0;

  readonly #arena: Arena;
  readonly #words: Int32Array;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = arena.words;
  }

  /** How many items were taken or dropped: the number of the next item. */
  get taken(): number {
    return Atomics.load(this.#words, Word.taken);
  }

  /** The segment of the next item to be taken; another thread may have taken that item a moment ago. */
  get currentSegment(): number {
    for (;;) {
      const { taken } = this;
      this.#read(taken);
      if (this.taken === taken) return this.segment;
    }
  }

  /** Finds the next item, whose number is `number`. No other thread may pass items meanwhile. */
  find(number: number): void {
    this.#read(number);
    this.enter();
  }

  /** Finds the item `number`; gives whether it was the next item during all of the reading. */
  tryFind(number: number): boolean {
    this.#read(number);
    return this.taken === number;
  }

  /** Goes on to the next segment, if there is a jump at the current position. */
  enter(): void {
    const arena = this.#arena;
    arena.reach(this.cell);
    if (arena.ints[this.cell * 2] !== Kind.jump) return;
    this.segment = arena.nextOf(this.segment);
    this.cell = this.segment + 1;
    arena.reach(this.cell);
  }

  /** Counts the item `number`, which was found, as taken; gives the next number. */
  pass(number: number): number {
    const words = this.#words;
    const next = (number + 1) & numberMask;
    const mark = Word.head + (next & 1) * markWords;
    words[mark] = endOfItem(this.#arena, this.cell);
    words[mark + 1] = this.segment;
    Atomics.store(words, Word.taken, next);
    return next;
  }

  #read(number: number): void {
    const mark = Word.head + (number & 1) * markWords;
    this.cell = Atomics.load(this.#words, mark);
    this.segment = Atomics.load(this.#words, mark + 1);
  }
}
