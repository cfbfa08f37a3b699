/** The calls of one lane that overlap: each waits for a promise while the thread goes on with others. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from '../base/clock.ts';
import { afterMicrotasks } from '../base/intrinsics.ts';
import { LaneWord } from '../wire/control.ts';
import type { UpRecord } from '../wire/messages.ts';
import type { Outbox } from '../wire/outbox.ts';
import * as up from '../wire/up.ts';

/** A call that waits, as its lane knows it. */
interface Waiting {
  readonly id: number;

  /** Called when the call is over. */
  end(): void;
}

/** The call that code belongs to. A thread in which no calls overlap never enters it. */
const within = new AsyncLocalStorage<object>();

/** Runs `run` with `args` as code of `job`, also what `run` leaves to promises. */
export function runAs<A extends unknown[], T>(job: object, run: (...args: A) => T, ...args: A): T {
  return within.run(job, run, ...args);
}

/**
 * The waiting calls.
 *
 * Invariant: a call is in it from the return of its promise until its answer is in the outbox.
 */
export class Overlaps<J extends Waiting> {
  readonly #jobs = new Map<number, J>();
  readonly #control: Int32Array;
  readonly #outbox: Outbox<UpRecord>;
  readonly #flush: () => void;
  #wereThere = false;

  /** `flush` sends what is in the outbox. */
  constructor(control: Int32Array, outbox: Outbox<UpRecord>, flush: () => void) {
    this.#control = control;
    this.#outbox = outbox;
    this.#flush = flush;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get(id: number): J | undefined {
    return this.#jobs.get(id);
  }

  /** The waiting call whose code this is, if it is that of one. */
  get here(): J | undefined {
    const job = this.#wereThere ? (within.getStore() as J | undefined) : undefined;
    return job && this.#jobs.get(job.id);
  }

  /** Lets the main side see that the code of `job` has the thread to itself. */
  occupy(job: J): void {
    Atomics.store(this.#control, LaneWord.occupied, job.id);
  }

  /** Lets `job` wait for its promise, while the thread goes on with others. */
  leave(job: J): void {
    this.#wereThere = true;
    this.#jobs.set(job.id, job);
    Atomics.store(this.#control, LaneWord.occupied, 0);
  }

  /** Called when `job` was answered. */
  finish(job: J): void {
    this.#jobs.delete(job.id);
    job.end();
    afterMicrotasks(this.#flush);
  }

  /**
   * Tells the main side that the call `id`, which was given up, waits for a promise: it may never end, but it does not
   * block the others.
   */
  tell(id: number): void {
    if (this.#jobs.has(id)) setImmediate(() => this.#jobs.has(id) && this.#outbox.send(up.told(id)));
  }
}
