/** Removes entries that have expired. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { epochTime } from '../../base/intrinsics.ts';
import type { Change, Driver } from '../stores/driver.ts';
import type { Write } from '../threads/writes.ts';

/** How many entries are removed at a time, and how long to wait at least between two times, in milliseconds. */
const mostAtOnce = 256;
const leastPause = 20;
const pauseAfterError = 5000;

/** The system's clock may be set, so the time is looked at again after at most so long, in milliseconds. */
const longestPause = 60_000;

/** The keys of the table `due`: the time, and eight bytes that are different for each. */
const keySize = 16;

/** Numbers the entries of this process; a process that writes to the same path begins elsewhere. */
let next = Math.floor(Math.random() * 2 ** 48);

/** The entry of `due` for a write that expires. */
export function dueOf({ key, expires }: Write): Change {
  next += 1;
  return { table: 'due', key: dueKey(expires, next), value: key, expires: 0 };
}

/** The bits of doubles from 0 on order as the numbers do. */
function dueKey(time: number, number: number): Uint8Array {
  const bytes = new Uint8Array(keySize);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, time);
  view.setFloat64(8, number);
  return bytes;
}

/** A record, as {@link Sweeper} sees it. */
export interface Swept {
  readonly driver: Driver;
  removeExpired(writes: readonly Write[], due: readonly Change[]): Promise<unknown>;
}

/**
 * Removes expired entries of one store.
 *
 * Invariant: while there are entries in the table `due`, a timer is pending or a sweep runs. It does not keep the process
 * alive.
 */
export class Sweeper {
  readonly #record: Swept;
  #timer: Later | undefined;

  /** When the timer is due; `Infinity` if there is none. */
  #at = Infinity;
  #isClosed = false;

  constructor(record: Swept) {
    this.#record = record;
    this.#next();
  }

  /** Called when an entry was written that expires at `time`. */
  note(time: number): void {
    if (this.#isClosed || time >= this.#at) return;
    this.#timer?.cancel();
    this.#at = time;
    const pause = Math.min(longestPause, Math.max(leastPause, time - epochTime()));
    this.#timer = after(pause, () => void this.#sweep());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  #next(from = 0): void {
    this.#at = Infinity;
    this.#record.driver.refresh();
    const page = { start: undefined, end: undefined, reverse: false, limit: 1, values: false };
    const [first] = this.#record.driver.page('due', page);
    if (first) this.note(Math.max(from, timeOf(first.key)));
  }

  async #sweep(): Promise<void> {
    const page = { start: undefined, end: dueKey(epochTime(), 0), reverse: false, limit: mostAtOnce, values: true };
    this.#record.driver.refresh();
    const rows = this.#record.driver.page('due', page);
    const writes = rows.map(({ key, value }) => ({
      key: value,
      value: undefined,
      expires: 0,
      isPublished: false,
      // An entry that was written again since then expires at another time.
      ifExpires: timeOf(key),
    }));
    const due = rows.map(({ key }): Change => ({ table: 'due', key, value: undefined, expires: 0 }));
    let from = 0;
    try {
      await this.#record.removeExpired(writes, due);
    } catch {
      // Entries that could not be removed are removed later; until then nobody sees them.
      from = epochTime() + pauseAfterError;
    }
    if (!this.#isClosed) this.#next(from);
  }
}

const timeOf = (key: Uint8Array): number => new DataView(key.buffer, key.byteOffset, key.byteLength).getFloat64(0);
