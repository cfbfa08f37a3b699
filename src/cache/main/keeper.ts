/** Keeps a store within its bounds. @module */

import { Promise } from '../../base/intrinsics.ts';
import { outside } from '../../context/here.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Change, Driver } from '../stores/driver.ts';
import type { Write } from '../threads/writes.ts';
import { Group } from './group.ts';
import { totalsChange, totalsIn } from './places.ts';
import type { Totals } from './places.ts';
import { recount } from './recount.ts';

/** Writes that belong together, and who waits for them. */
interface Job {
  readonly writes: readonly Write[];
  readonly further: readonly Change[];
  readonly done: Settlers;
}

interface Settlers {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Makes all writes of a store that has bounds, one group of jobs after the other: each is gathered, while the group before
 * it is being written, and written whole, together with the places, the totals and the rows of those that expire.
 *
 * Invariant: while no group is being written, the totals are the number and the size of all entries.
 */
export class Keeper {
  readonly #driver: Driver;
  readonly #plan: CachePlan;
  #jobs: Job[] = [];
  #isBusy = true;
  #totals: Totals = { entries: 0, bytes: 0, next: 1 };

  /** Why the totals are not known. */
  #failed: { readonly error: unknown } | undefined;

  constructor(driver: Driver, plan: CachePlan) {
    this.#driver = driver;
    this.#plan = plan;
    void this.#begin();
  }

  /**
   * Writes `writes`, all or none of them, and `further` changes with them.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW` if there is no room, or an entry alone exceeds `maxBytes`.
   */
  apply(writes: readonly Write[], further: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ writes, further, done: { resolve, reject } });
      if (!this.#isBusy) void outside(async () => this.#run());
    });
  }

  async #begin(): Promise<void> {
    try {
      this.#totals = totalsIn(this.#driver) ?? this.#totals;
      // Entries that were written without bounds have no place.
      if (this.#totals.entries !== this.#driver.count('entries')) {
        const { changes, totals } = recount(this.#driver, this.#totals.next);
        this.#totals = totals;
        await this.#driver.write([...changes, totalsChange(totals)]);
      }
    } catch (error) {
      this.#failed = { error };
    }
    await this.#run();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    while (this.#jobs.length > 0) await this.#write(this.#jobs.splice(0));
    this.#isBusy = false;
  }

  /** Writes a group of jobs; never rejects. */
  async #write(jobs: readonly Job[]): Promise<void> {
    const written: Settlers[] = [];
    try {
      if (this.#failed) throw this.#failed.error;
      this.#driver.refresh();
      const group = new Group(this.#driver, this.#plan, this.#totals);
      for (const { writes, further, done } of jobs) {
        try {
          group.add(writes, further);
          written.push(done);
        } catch (error) {
          done.reject(error);
        }
      }
      const { changes, totals } = group;
      await this.#driver.write([...changes, totalsChange(totals)]);
      this.#totals = totals;
      for (const { resolve } of written) resolve();
    } catch (error) {
      // A job that was refused stays so.
      for (const { done } of jobs) done.reject(error);
    }
  }
}
