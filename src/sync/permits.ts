/** The permits of a semaphore, and which threads hold them. @module */

import { placeWords, wakeAll } from './place.ts';
import { identityWords, self } from './primitive.ts';

/** How many holders are recorded at once; what further ones hold is not given back when they end. */
export const mostHolders = 64;

/** Words: the free permits and all of them, whether a holder has ended, what is held unrecorded, where to wait. */
export const Word: Readonly<Record<'free' | 'count' | 'abandoned' | 'unrecorded' | 'place' | 'holders', number>> = {
  free: identityWords,
  count: identityWords + 1,
  abandoned: identityWords + 2,
  unrecorded: identityWords + 3,
  place: identityWords + 4,
  holders: identityWords + 4 + placeWords,
};

export const wordCount: number = Word.holders + mostHolders;

/** A record is one word: the thread, and how many it holds in the lower bits; `0` if it is free. */
const heldBits = 12;
const mostHeld = 2 ** heldBits - 1;
const mostSelf = 2 ** 20;

const heldIn = (record: number): number => record & mostHeld;
const holderOf = (record: number): number => record >>> heldBits;

/**
 * Counts permits.
 *
 * Invariant: those that are free and those that are held make up all of them, but between the two steps of taking or
 * giving one. A thread is terminated at calls of functions and in loops alone, so not there, unless both steps have to be
 * tried again because other threads did the same in that very moment.
 */
export class Permits {
  readonly #words: Int32Array;

  /** Where this thread was recorded last. */
  #last: number = Word.holders;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  get free(): number {
    return Atomics.load(this.#words, Word.free);
  }

  get count(): number {
    return Atomics.load(this.#words, Word.count);
  }

  /** Whether a thread has ended that held some; says so once. */
  takeAbandoned(): boolean {
    return Atomics.load(this.#words, Word.abandoned) === 1 && Atomics.exchange(this.#words, Word.abandoned, 0) === 1;
  }

  /** Takes one, if one is free. */
  take(): boolean {
    const words = this.#words;
    let at = this.#place();
    let record = Atomics.load(words, at);
    for (;;) {
      const free = Atomics.load(words, Word.free);
      if (free === 0) return false;
      if (Atomics.compareExchange(words, Word.free, free, free - 1) === free) break;
    }
    while (at !== Word.unrecorded && Atomics.compareExchange(words, at, record, plusOne(record)) !== record) {
      at = this.#place();
      record = Atomics.load(words, at);
    }
    if (at === Word.unrecorded) Atomics.add(words, at, 1);
    return true;
  }

  /** Gives one back that this thread holds; says whether it does. */
  giveOwn(): boolean {
    if (this.#giveFrom(this.#last, self)) return true;
    for (let at = Word.holders; at < wordCount; at += 1) if (this.#giveFrom(at, self)) return true;
    return this.#giveUnrecorded();
  }

  /** Gives one back that any thread holds, this one first; says whether any does. */
  giveAny(): boolean {
    if (this.giveOwn()) return true;
    for (let at = Word.holders; at < wordCount; at += 1) if (this.#giveFrom(at)) return true;
    return false;
  }

  /** Where this thread is recorded or can be; `Word.unrecorded` if nowhere. */
  #place(): number {
    if (self >= mostSelf) return Word.unrecorded;
    if (this.#isMine(this.#last)) return this.#last;
    for (let at = Word.holders; at < wordCount; at += 1) if (this.#isMine(at)) return (this.#last = at);
    return Word.unrecorded;
  }

  #isMine(at: number): boolean {
    const record = Atomics.load(this.#words, at);
    return record === 0 || (holderOf(record) === self && heldIn(record) < mostHeld);
  }

  #giveFrom(at: number, holder?: number): boolean {
    const words = this.#words;
    for (;;) {
      const record = Atomics.load(words, at);
      if (record === 0 || (holder !== undefined && holderOf(record) !== holder)) return false;
      const left = heldIn(record) === 1 ? 0 : record - 1;
      if (Atomics.compareExchange(words, at, record, left) !== record) continue;
      Atomics.add(words, Word.free, 1);
      return true;
    }
  }

  #giveUnrecorded(): boolean {
    const words = this.#words;
    for (;;) {
      const held = Atomics.load(words, Word.unrecorded);
      if (held === 0) return false;
      if (Atomics.compareExchange(words, Word.unrecorded, held, held - 1) !== held) continue;
      Atomics.add(words, Word.free, 1);
      return true;
    }
  }
}

/** Whether the thread `threadId` is recorded to hold some. */
export function holdsPermits(words: Int32Array, threadId: number): boolean {
  for (let at = Word.holders; at < wordCount; at += 1)
    if (holderOf(Atomics.load(words, at)) === threadId + 1) return true;
  return false;
}

/** Gives back what the thread `threadId` held, which has ended. */
export function recoverPermits(words: Int32Array, threadId: number): void {
  for (let at = Word.holders; at < wordCount; at += 1) {
    for (;;) {
      const record = Atomics.load(words, at);
      if (holderOf(record) !== threadId + 1) break;
      // Others may give back one of them meanwhile.
      if (Atomics.compareExchange(words, at, record, 0) !== record) continue;
      Atomics.add(words, Word.free, heldIn(record));
      Atomics.store(words, Word.abandoned, 1);
    }
  }
  wakeAll(words, Word.place);
}

const plusOne = (record: number): number => (record === 0 ? (self << heldBits) | 1 : record + 1);
