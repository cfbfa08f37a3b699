/** The permits of a semaphore, and which threads hold them. @module */

import { waitQueueWords, wakeAll } from './wait-queue.ts';
import { identityWords, self } from './primitive.ts';

/** How many holders are recorded at once. The permits of further holders are lost if these threads end. */
const mostHolders = 64;

type Field = 'count' | 'abandoned' | 'lock' | 'unrecorded' | 'top' | 'queue' | 'records';

/**
 * Words: how many permits there are; whether a holder has ended; the thread that is taking a permit; how many permits
 * are held without a record; how many records were ever in use at once; the wait queue; and the records.
 */
export const Word: Readonly<Record<Field, number>> = {
  count: identityWords,
  abandoned: identityWords + 1,
  lock: identityWords + 2,
  unrecorded: identityWords + 3,
  top: identityWords + 4,
  queue: identityWords + 5,
  records: identityWords + 5 + waitQueueWords,
};

export const wordCount: number = Word.records + mostHolders;

/** A record is one word: the thread in the upper bits, and how many permits it holds in the lower; `0` if unused. */
const heldBits = 12;
const mostHeld = 2 ** heldBits - 1;
const mostSelf = 2 ** 20;

const heldIn = (record: number): number => record & mostHeld;
const holderOf = (record: number): number => record >>> heldBits;

/**
 * Outcomes of a take: done; another thread took the last permit first; no permit is free; another thread has the lock.
 */
export const TAKEN: unique symbol = Symbol('taken');
export const BEATEN: unique symbol = Symbol('beaten');
export const NONE_FREE: unique symbol = Symbol('none free');
export const BUSY: unique symbol = Symbol('busy');

/**
 * Counts permits. Taking a permit needs the lock, so that no two threads take the last one; giving one back does not.
 *
 * Invariant: the records alone say which permits are held, and each change of them is one atomic step. So if a thread
 * is terminated at any point, only its own records and the lock have to be reset.
 */
export class Permits {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  get free(): number {
    let held = Atomics.load(this.#words, Word.unrecorded);
    for (let at = Word.records; at < this.#end; at += 1) held += heldIn(Atomics.load(this.#words, at));
    return this.count - held;
  }

  get count(): number {
    return Atomics.load(this.#words, Word.count);
  }

  get #end(): number {
    return Word.records + Atomics.load(this.#words, Word.top);
  }

  /** Whether a thread ended that held permits; gives `true` once. */
  takeAbandoned(): boolean {
    return Atomics.load(this.#words, Word.abandoned) === 1 && Atomics.exchange(this.#words, Word.abandoned, 0) === 1;
  }

  /** Takes a permit if one is free. After `TAKEN` and `BEATEN`, wake the others: they may have waited for the lock. */
  take(): typeof TAKEN | typeof BEATEN | typeof NONE_FREE | typeof BUSY {
    const words = this.#words;
    if (this.free === 0) return NONE_FREE;
    if (Atomics.compareExchange(words, Word.lock, 0, self) !== 0) return BUSY;
    const isTaken = this.free > 0;
    if (isTaken) this.#record();
    Atomics.store(words, Word.lock, 0);
    return isTaken ? TAKEN : BEATEN;
  }

  /** Gives back a permit that this thread holds; gives `false` if it holds none. */
  giveOwn(): boolean {
    for (let at = Word.records; at < this.#end; at += 1) if (this.#giveFrom(at, self)) return true;
    return this.#giveUnrecorded();
  }

  /** Gives back a permit of this thread, or else of any other; gives `false` if all permits are free. */
  giveAny(): boolean {
    if (this.giveOwn()) return true;
    for (let at = Word.records; at < this.#end; at += 1) if (this.#giveFrom(at)) return true;
    return false;
  }

  /** Records one more permit for this thread, which has the lock. */
  #record(): void {
    const words = this.#words;
    const end = self < mostSelf ? wordCount : Word.records;
    for (let at = Word.records; at < end; at += 1) {
      const record = Atomics.load(words, at);
      if (record !== 0 && (holderOf(record) !== self || heldIn(record) === mostHeld)) continue;
      if (at >= this.#end) Atomics.store(words, Word.top, at + 1 - Word.records);
      const next = record === 0 ? (self << heldBits) | 1 : record + 1;
      if (Atomics.compareExchange(words, at, record, next) === record) return;
      // Another thread has just given back a permit of this record: try the record again.
      at -= 1;
    }
    Atomics.add(words, Word.unrecorded, 1);
  }

  #giveFrom(at: number, holder?: number): boolean {
    for (;;) {
      const record = Atomics.load(this.#words, at);
      if (record === 0 || (holder !== undefined && holderOf(record) !== holder)) return false;
      const left = heldIn(record) === 1 ? 0 : record - 1;
      if (Atomics.compareExchange(this.#words, at, record, left) === record) return true;
    }
  }

  #giveUnrecorded(): boolean {
    for (;;) {
      const held = Atomics.load(this.#words, Word.unrecorded);
      if (held === 0) return false;
      if (Atomics.compareExchange(this.#words, Word.unrecorded, held, held - 1) === held) return true;
    }
  }
}

/** Whether the thread `threadId` holds recorded permits. */
export function holdsPermits(words: Int32Array, threadId: number): boolean {
  return words.subarray(Word.records).some((record) => holderOf(record) === threadId + 1);
}

/** Gives back the permits of the thread `threadId`, which has ended. */
export function recoverPermits(words: Int32Array, threadId: number): void {
  for (let at = Word.records; at < wordCount; at += 1) {
    let record = Atomics.load(words, at);
    // Other threads may give back permits of this record meanwhile.
    for (; holderOf(record) === threadId + 1; record = Atomics.load(words, at)) {
      Atomics.store(words, Word.abandoned, 1);
      Atomics.compareExchange(words, at, record, 0);
    }
  }
  Atomics.compareExchange(words, Word.lock, threadId + 1, 0);
  wakeAll(words, Word.queue);
}
