/** The consumer's side of a channel in one thread. @module */

import { BUSY, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { ChannelHead } from './channel-head.ts';
import { readItem } from './item.ts';

/** Given when there is no item yet, and when the channel is closed and empty. */
export const NONE: unique symbol = Symbol('none');
export const ENDED: unique symbol = Symbol('ended');

/**
 * Takes items from the head.
 *
 * Invariant: an item is completely read before one store of `taken` counts it; a thread that is terminated before that
 * store has taken nothing.
 */
export class ChannelReader {
  readonly #arena: Arena;
  readonly #words: Int32Array;
  readonly #head: ChannelHead;

  /** Whether producers drop the oldest items: then taking an item needs the lock. */
  readonly #isShared: boolean;

  /** The number of items taken, as this thread left it; and the number of items put, as this thread last saw it. */
  #next = -1;
  #put = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#words = arena.words;
    this.#head = new ChannelHead(arena);
    this.#isShared = arena.overflow === 'drop-oldest';
  }

  /** Takes the next item, which has to be revived. Gives `NONE`, `ENDED`, or `BUSY` if another thread has the lock. */
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
