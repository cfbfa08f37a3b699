/** The locks that the main side has lent to this thread, and the waits for them that it is told of. @module */

import { threadId } from 'node:worker_threads';
import { syncWaitCoroutine } from '../../bridge/sync-wait-coroutine.ts';
import type { LentLock } from '../main/lent-lock.ts';
import { lendLock, waitAt } from '../main/main-side.ts';
import { waitingAt } from '../main/waits.ts';

/** How many locks a thread keeps. */
const mostLocks = 1024;

let waits = 0;

/** The locks of one store. */
export class BorrowedLocks {
  readonly #path: string;
  readonly #locks = new Map<string, LentLock>();

  constructor(path: string) {
    this.#path = path;
  }

  lend(key: string, { mustAsk }: { readonly mustAsk: boolean }): LentLock {
    const kept = mustAsk ? undefined : this.#locks.get(key);
    if (kept) return kept;
    const lent = syncWaitCoroutine(lendLock, this.#path, key);
    // Any lock may be dropped: the main side lends it again.
    if (this.#locks.size >= mostLocks) this.#locks.clear();
    this.#locks.set(key, lent);
    return lent;
  }

  /** As `Store.waits`. */
  waits(key: string, around: readonly bigint[]): Disposable {
    const words = newWait();
    const over = (): void => void Atomics.store(words, waitingAt, 0);
    try {
      syncWaitCoroutine(waitAt, { id: threadId, path: this.#path, key, around, words });
    } catch (error) {
      over();
      throw error;
    }
    return { [Symbol.dispose]: over };
  }
}

/** The words of a wait of this thread, as `noteWaitOf` knows it. */
function newWait(): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer((waitingAt + 1) * Int32Array.BYTES_PER_ELEMENT));
  words.set([threadId + 1, (waits += 1), 1]);
  return words;
}
