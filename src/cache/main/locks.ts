/** The locks of the keys: made on the main side, and lent to the threads that ask for them. @module */

import { isAbandoned } from './abandoned.ts';
import { newLentLock, retire } from './lent-lock.ts';
import type { LentLock } from './lent-lock.ts';

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
    const lent = this.#lent.get(key) ?? newLentLock();
    this.#lent.delete(key);
    this.#lent.set(key, lent);
    if (this.#lent.size > mostKept) this.#retire();
    return lent;
  }

  #retire(): void {
    let looked = 0;
    for (const [key, lent] of this.#lent) {
      looked += 1;
      if (looked > lookedAt) return;
      if (!this.#retires(lent)) continue;
      this.#lent.delete(key);
    }
  }

  /** Retires `lent`, if nobody holds it. */
  #retires(lent: LentLock): boolean {
    const { lock } = lent;
    try {
      const pass = lock.tryAcquire();
      if (!pass) return false;
      retire(lent);
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
