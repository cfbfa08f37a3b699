/** The calls of one lane that overlap: each waits for a promise while the thread goes on with others. @module */

import { AsyncLocalStorage } from 'node:async_hooks';

/** A call that waits, as its lane knows it. */
interface Waiting {
  readonly id: number;
}

/** The call that code belongs to. A thread in which no calls overlap never enters it. */
const within = new AsyncLocalStorage<Waiting>();

/** Runs `run` with `args` as code of `job`, also what `run` leaves to promises. */
export function runAs<A extends unknown[], T>(job: Waiting, run: (...args: A) => T, ...args: A): T {
  return within.run(job, run, ...args);
}

/**
 * The waiting calls.
 *
 * Invariant: a call is in it from the return of its promise until its answer is in the outbox.
 */
export class Overlaps<J extends Waiting> {
  readonly #jobs = new Map<number, J>();
  #wereThere = false;

  get size(): number {
    return this.#jobs.size;
  }

  add(job: J): void {
    this.#wereThere = true;
    this.#jobs.set(job.id, job);
  }

  delete(job: J): void {
    this.#jobs.delete(job.id);
  }

  get(id: number): J | undefined {
    return this.#jobs.get(id);
  }

  /** The waiting call whose code this is, if it is that of one. */
  get here(): J | undefined {
    const job = this.#wereThere ? within.getStore() : undefined;
    return job && this.#jobs.get(job.id);
  }
}
