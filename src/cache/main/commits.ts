/** Follows the writes of one store until they are on the disk, and tells all threads of them. @module */

import { Promise } from '../../base/intrinsics.ts';
import { outside } from '../../context/here.ts';
import { writeError } from '../stores/store-error.ts';

/** Words that threads share: two that identify the record, as with primitives, and the number of commits. */
export const commitsAt = 2;

/**
 * Invariant: a write is acknowledged after the number of commits was raised for it, so whoever has heard of the write sees
 * that its view of the store is out of date.
 */
export class Commits {
  readonly words: Int32Array = new Int32Array(new SharedArrayBuffer((commitsAt + 1) * Int32Array.BYTES_PER_ELEMENT));

  /** The promise that the store gave last, and the one that follows it. */
  #written: Promise<unknown> | undefined;
  #acknowledged: Promise<unknown> = Promise.resolve();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #path: string;

  /** `id` identifies the store among threads; errors name its `path`. */
  constructor(id: number, path: string) {
    this.#path = path;
    this.words.set([1, id]);
  }

  /** How many commits there were. */
  get count(): number {
    return Atomics.load(this.words, commitsAt);
  }

  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Resolves once all writes that were begun are over. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  /**
   * Gives a promise that settles as `written`, which is of the store, once the number of commits was raised for it; errors
   * become `ERR_OFFLOOP_STORE`.
   */
  acknowledge(written: Promise<unknown>): Promise<unknown> {
    if (written === this.#written) return this.#acknowledged;
    this.#written = written;
    // What is kept here must not keep the context of a call.
    this.#acknowledged = outside(async () => this.#follow(written));
    return this.#acknowledged;
  }

  async #follow(written: Promise<unknown>): Promise<void> {
    this.#pending.add(written);
    try {
      await written;
      Atomics.add(this.words, commitsAt, 1);
    } catch (error) {
      throw await writeError(error, this.#path);
    } finally {
      this.#pending.delete(written);
      if (this.#written === written) this.#written = undefined;
    }
  }
}
