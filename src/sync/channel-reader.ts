/** The consumer's side of a channel, as one thread has it. @module */

import { markWords, numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { Kind } from '../channel/kinds.ts';
import { endOfItem, readItem } from './item.ts';

/** What is given where there is no item yet, and where none will come any more. */
export const NONE: unique symbol = Symbol('none');
export const ENDED: unique symbol = Symbol('ended');

/**
 * Takes items from the beginning.
 *
 * Invariant: an item is whole here before `taken` counts it, by one store; a thread that is terminated before it has
 * taken nothing.
 */
export class ChannelReader {
  readonly #arena: Arena;
  readonly #words: Int32Array;

  /** Number of the item after the last that this thread has taken, and how many were put when it last looked. */
  #next = -1;
  #put = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = arena.words;
  }

  /** Takes the next item, which has to be revived, if there is one. */
  take(): unknown {
    const words = this.#words;
    const taken = Atomics.load(words, Word.taken);
    if (taken !== this.#next || taken === this.#put) {
      const produced = Atomics.load(words, Word.produced);
      this.#put = produced >>> 1;
      this.#next = taken;
      if (taken === this.#put) return (produced & 1) === 1 ? ENDED : NONE;
    }
    return this.#read(taken);
  }

  #read(taken: number): unknown {
    const [arena, words] = [this.#arena, this.#words];
    const mark = Word.head + (taken & 1) * markWords;
    let cell = words[mark] as number;
    let segment = words[mark + 1] as number;
    arena.reach(cell);
    if (arena.ints[cell * 2] === Kind.jump) {
      segment = arena.nextOf(segment);
      cell = segment + 1;
      arena.reach(cell);
    }
    const read = readItem(arena, cell);
    const next = (taken + 1) & numberMask;
    const nextMark = Word.head + (next & 1) * markWords;
    words[nextMark] = endOfItem(arena, cell);
    words[nextMark + 1] = segment;
    this.#next = next;
    Atomics.store(words, Word.taken, next);
    return read;
  }
}
