/** The lock of one key, as the main side lends it to threads. @module */

import { Lock } from '../../sync/lock.ts';

/** Once the lock is retired, there is another lock for the key. */
export interface LentLock {
  readonly lock: Lock;

  /** Whether it is retired, a word without a use, and the transaction that holds it, in two words. */
  readonly words: Int32Array;
}

const Word = { retired: 0, holder: 2 } as const;
const wordCount = 4;

export function newLentLock(): LentLock {
  return {
    lock: new Lock(),
    words: new Int32Array(new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT)),
  };
}

export function isRetired({ words }: LentLock): boolean {
  return Atomics.load(words, Word.retired) === 1;
}

export function retire({ words }: LentLock): void {
  Atomics.store(words, Word.retired, 1);
}

/**
 * The word for the id of the transaction that holds the lock. Its holder writes it after it has acquired the lock and
 * before it waits for anything else, and 0 before it gives the lock back.
 */
export function holderIn({ words }: LentLock): BigInt64Array {
  return new BigInt64Array(words.buffer, words.byteOffset + Word.holder * Int32Array.BYTES_PER_ELEMENT, 1);
}

/** The transaction that holds the lock; 0 if there is none that waits for anything. */
export function holderOf(lent: LentLock): bigint {
  return lent.lock.isHeld ? Atomics.load(holderIn(lent), 0) : 0n;
}
