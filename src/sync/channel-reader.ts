/** The consumer's side of a channel, as one thread has it. @module */

import { BUSY, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { ChannelHead } from './channel-head.ts';
import { readItem } from './item.ts';

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
  readonly #head: ChannelHead;

  /** Whether producers take items away as well: then who takes one has the lock. */
  readonly #isShared: boolean;

  /** Number of the item after the last that this thread has taken, and how many were put when it last looked. */
  #next = -1;
  #put = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = arena.words;
    this.#head = new ChannelHead(arena);
    this.#isShared = arena.overflow === 'drop-oldest';
  }

  /** Takes the next item, which has to be revived, if there is one; `BUSY` if another thread is just putting one. */
  take(): unknown {
    const found = this.#look();
    if (typeof found === 'symbol') return found;
    return this.#isShared ? this.#takeLocked() : this.#read(found);
  }

  #takeLocked(): unknown {
    if (!this.#arena.lock()) return BUSY;
    try {
      const found = this.#look();
      return typeof found === 'symbol' ? found : this.#read(found);
    } finally {
      this.#arena.unlock();
    }
  }

  /** The number of the next item, if there is one. */
  #look(): number | typeof NONE | typeof ENDED {
    const words = this.#words;
    const taken = Atomics.load(words, Word.taken);
    if (taken !== this.#next || taken === this.#put) {
      const produced = Atomics.load(words, Word.produced);
      this.#put = produced >>> 1;
      this.#next = taken;
      if (taken === this.#put) return (produced & 1) === 1 ? ENDED : NONE;
    }
    return taken;
  }

  #read(number: number): unknown {
    const head = this.#head;
    head.find(number);
    const read = readItem(this.#arena, head.cell);
    this.#next = head.pass(number);
    return read;
  }
}
