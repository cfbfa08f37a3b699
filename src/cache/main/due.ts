/** Notes in the store when entries expire, so that they are found then without looking at all entries. @module */

import { createHash } from 'node:crypto';
import type { Change, Driver } from '../stores/driver.ts';
import type { Write } from '../threads/writes.ts';
import { textOf } from './places.ts';

/** The keys of the table `due`: the time of expiry, and the beginning of a hash of the entry's key, which is the value. */
const timeSize = 8;
const hashSize = 16;

/** The bits of doubles from 0 on order as the numbers do. */
export function dueKey(time: number, key?: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(timeSize + hashSize);
  new DataView(bytes.buffer).setFloat64(0, time);
  if (key) bytes.set(createHash('sha256').update(key).digest().subarray(0, hashSize), timeSize);
  return bytes;
}

export const timeOfDue = (key: Uint8Array): number =>
  new DataView(key.buffer, key.byteOffset, key.byteLength).getFloat64(0);

/** The row of an entry with the key `key` that expires at `time`: written, or without a `value` removed. */
export const dueRow = (time: number, key: Uint8Array, value: Uint8Array | undefined): Change => ({
  table: 'due',
  key: dueKey(time, key),
  value,
  expires: 0,
});

/** The time at which an entry will expire whose write is under way; 0 for never. */
interface Pending {
  readonly expires: number;
}

/**
 * The rows of the table `due` that go with writes.
 *
 * Invariant: an entry that expires has one row, so a key that is set again and again takes no more room than one that is
 * set once. Only where a write fails may a row stay that belongs to no entry; it is removed at its time.
 */
export class DueRows {
  readonly #driver: Driver;

  /** The last write of each key that is under way, by the keys as Latin-1 text. */
  readonly #pending = new Map<string, Pending>();

  /** Whether any entry may expire; if none does, writes need not look at the entries that they replace. */
  #isUsed = false;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** Whether a write that expires at `expires` needs rows, or may have to remove one. */
  concerns(expires: number): boolean {
    return this.#isUsed || expires !== 0;
  }

  /** Called when the table was looked at, and had rows or not. */
  looked(hasRows: boolean): void {
    this.#isUsed = hasRows || this.#pending.size > 0;
  }

  /** The changes that go with `writes`; `settled` is to be called once those are over. */
  changesFor(writes: readonly Write[]): { readonly changes: readonly Change[]; settled(): void } {
    const changes: Change[] = [];
    const own = new Map<string, Pending>();
    for (const { key, value, expires: given } of writes) {
      const expires = value ? given : 0;
      if (!this.concerns(expires)) continue;
      this.#isUsed = true;
      const text = textOf(key);
      const before = this.#pending.get(text)?.expires ?? this.#expiresNow(key);
      if (before !== 0 && before !== expires) changes.push(dueRow(before, key, undefined));
      if (expires !== 0) changes.push(dueRow(expires, key, new Uint8Array(key)));
      const pending = { expires };
      own.set(text, pending);
      this.#pending.set(text, pending);
    }
    const settled = (): void => {
      for (const [text, pending] of own) if (this.#pending.get(text) === pending) this.#pending.delete(text);
    };
    return { changes, settled };
  }

  #expiresNow(key: Uint8Array): number {
    return this.#driver.get('entries', key) ? this.#driver.expires : 0;
  }
}
