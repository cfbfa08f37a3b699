/** The locks of the keys: made on the main side, and lent to the threads that ask for them. @module */

import { Lock } from '../../sync/lock.ts';
import { OffloopError } from '../../base/errors.ts';

/** A lock for one key. Once it is retired, there is another lock for the key. */
export interface LentLock {
  readonly lock: Lock;

  /** One word: 1 once the lock is retired. */
  readonly retired: Int32Array;
}

/** How many locks are kept before those that nobody holds are retired, and how many of them are looked at a time. */
const mostKept = 4096;
const lookedAt = 32;

/**
 * Invariant: at most one lock of each key is not retired. A lock is retired only by a thread that holds it, so whoever
 * acquires a lock that is not retired excludes all others.
 */
export class Locks {
  /** In the order in which they were lent last. */
  readonly #lent = new Map<string, LentLock>();
  readonly #settled: () => Promise<unknown>;

  /** `settled` resolves once everything was written that ended threads have sent. */
  constructor(settled: () => Promise<unknown>) {
    this.#settled = settled;
  }

  lend(key: string): LentLock {
    const lent = this.#lent.get(key) ?? {
      lock: new Lock(),
      retired: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    };
    this.#lent.delete(key);
    this.#lent.set(key, lent);
    if (this.#lent.size > mostKept) this.#retire();
    return lent;
  }

  #retire(): void {
    let looked = 0;
    for (const [key, { lock, retired }] of this.#lent) {
      looked += 1;
      if (looked > lookedAt) return;
      if (!this.#retires(lock, retired)) continue;
      this.#lent.delete(key);
    }
  }

  /** Retires `lock`, if nobody holds it. */
  #retires(lock: Lock, retired: Int32Array): boolean {
    try {
      const pass = lock.tryAcquire();
      if (!pass) return false;
      Atomics.store(retired, 0, 1);
      pass[Symbol.dispose]();
      return true;
    } catch (error) {
      if (!isAbandoned(error)) throw error;
      // The thread that acquires the lock next would have waited for what the ended one had written.
      const pass = lock.tryAcquire();
      void this.#settled().finally(() => pass?.[Symbol.dispose]());
      return false;
    }
  }
}

/** Whether `error` says that the holder of a lock has ended, and that the lock is free now. */
export function isAbandoned(error: unknown): boolean {
  return error instanceof OffloopError && error.code === 'ERR_OFFLOOP_ABANDONED';
}
