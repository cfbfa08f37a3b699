/** Where the next item of a channel stands. @module */

import { Kind } from '../channel/kinds.ts';
import { markWords, numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { endOfItem } from './item.ts';

/**
 * The beginning of a channel, as one thread sees it. There is a mark for even numbers of items and one for odd ones: that
 * of the next item is whole as long as that item was not passed.
 *
 * Invariant: one store of `taken` passes an item; a thread that is terminated before it has changed nothing.
 */
export class ChannelHead {
  /** Where the item that was found stands. */
  cell = 0;
  segment = 0;

  readonly #arena: Arena;
  readonly #words: Int32Array;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = arena.words;
  }

  /** How many items were taken or dropped, which is the number of the next one. */
  get taken(): number {
    return Atomics.load(this.#words, Word.taken);
  }

  /** The segment in which the next item is to be taken, or was taken a moment ago. */
  get currentSegment(): number {
    for (;;) {
      const { taken } = this;
      this.#read(taken);
      if (this.taken === taken) return this.segment;
    }
  }

  /** Finds the item `number`, the next one, which nobody else passes meanwhile. */
  find(number: number): void {
    this.#read(number);
    this.enter();
  }

  /** Finds the next item, if it has the number `number`; says whether it had, all the time. */
  tryFind(number: number): boolean {
    this.#read(number);
    return this.taken === number;
  }

  /** Goes to the next segment, if the item is there. */
  enter(): void {
    const arena = this.#arena;
    arena.reach(this.cell);
    if (arena.ints[this.cell * 2] !== Kind.jump) return;
    this.segment = arena.nextOf(this.segment);
    this.cell = this.segment + 1;
    arena.reach(this.cell);
  }

  /** Counts the item `number`, which was found, as taken. */
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
