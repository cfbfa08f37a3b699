/** Removes entries that have expired. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { epochTime } from '../../base/intrinsics.ts';
import { outside } from '../../context/here.ts';
import type { Change, Driver } from '../stores/driver.ts';
import type { Write } from '../threads/writes.ts';
import { dueKey, timeOfDue } from './due.ts';

/** How many entries are removed at a time, and how long to wait at least between two times, in milliseconds. */
const mostAtOnce = 256;
const leastPause = 20;
const pauseAfterError = 5000;

/** The system's clock may be set, so the time is looked at again after at most so long, in milliseconds. */
const longestPause = 60_000;

/** A record, as {@link Sweeper} sees it. */
export interface Swept {
  readonly driver: Driver;
  removeExpired(writes: readonly Write[], due: readonly Change[]): Promise<unknown>;

  /** Called when the table `due` was looked at, and had rows or not. */
  looked(hasRows: boolean): void;
}

/**
 * Removes expired entries of one store.
 *
 * Invariant: while there are rows in the table `due`, a timer is pending or a sweep runs. The timer does not keep the
 * process alive.
 */
export class Sweeper {
  readonly #record: Swept;
  #timer: Later | undefined;

  /** When the timer is due; `Infinity` if there is none. */
  #at = Infinity;
  #isSweeping = false;
  #isClosed = false;

  constructor(record: Swept) {
    this.#record = record;
    this.#next(0);
  }

  /** Called when an entry is in the store that expires at `time`. */
  note(time: number): void {
    if (this.#isClosed || this.#isSweeping || time >= this.#at) return;
    this.#timer?.cancel();
    this.#at = time;
    const pause = Math.min(longestPause, Math.max(leastPause, time - epochTime()));
    this.#timer = outside(() => after(pause, () => void this.#sweep()));
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  /** Looks for the row that is due next; waits until the time `from` at least. */
  #next(from: number): void {
    if (this.#isClosed) return;
    this.#at = Infinity;
    const { driver } = this.#record;
    driver.refresh();
    const [first] = driver.page('due', { start: undefined, end: undefined, reverse: false, limit: 1, values: false });
    this.#record.looked(first !== undefined);
    if (first) this.note(Math.max(from, timeOfDue(first.key)));
  }

  async #sweep(): Promise<void> {
    let from = 0;
    this.#isSweeping = true;
    try {
      await this.#removeDue();
    } catch {
      // Entries that could not be removed are removed later; until then nobody sees them.
      from = epochTime() + pauseAfterError;
    }
    this.#isSweeping = false;
    this.#next(from);
  }

  async #removeDue(): Promise<void> {
    const { driver } = this.#record;
    driver.refresh();
    const end = dueKey(epochTime());
    const rows = driver.page('due', { start: undefined, end, reverse: false, limit: mostAtOnce, values: true });
    if (rows.length === 0) return;
    const writes = rows.map(({ key, value }): Write => ({
      table: 'entries',
      key: value,
      value: undefined,
      expires: 0,
      isPublished: false,
      // An entry that was written again since then expires at another time.
      ifExpires: timeOfDue(key),
    }));
    const due = rows.map(({ key }): Change => ({ table: 'due', key, value: undefined, expires: 0 }));
    await this.#record.removeExpired(writes, due);
  }
}
