/** The messages that a consumer has acknowledged of late. @module */

import { now } from '../../base/clock.ts';

/** A generation ends after so many messages, or so many milliseconds. */
const most = 100_000;
const longest = 30_000;

/**
 * Remembers positions for a while. A server whose process has died forgets what was acknowledged in its last moments, and
 * delivers that again.
 *
 * Invariant: what was acknowledged is known for one whole generation at least.
 */
export class Acknowledged {
  #recent = new Set<number>();
  #older = new Set<number>();
  #since = now();

  add(position: number): void {
    if (this.#recent.size >= most || now() - this.#since > longest) {
      this.#older = this.#recent;
      this.#recent = new Set();
      this.#since = now();
    }
    this.#recent.add(position);
  }

  has(position: number): boolean {
    return this.#recent.has(position) || this.#older.has(position);
  }

  clear(): void {
    this.#recent.clear();
    this.#older.clear();
  }
}
