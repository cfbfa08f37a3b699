/** Keeps a store within its bounds. @module */

import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Change, Driver, Row } from '../stores/driver.ts';
import { bytesOf, change, numbersOf, orderKey, placeAt, textOf, totalsKey } from './places.ts';
import type { Place } from './places.ts';
import type { Write } from '../threads/writes.ts';

const pageSize = 64;

/** Stands for a place as it is in the store. */
const kept: unique symbol = Symbol('kept');

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
 * it is being written, and written whole, together with the places and the totals.
 *
 * Invariant: while no group is being written, the totals are the number and the size of all entries.
 */
export class Keeper {
  readonly #driver: Driver;
  readonly #plan: CachePlan;
  #jobs: Job[] = [];
  #isBusy = false;

  /** The totals, with everything that the present group has changed so far. */
  #entries = 0;
  #bytes = 0;
  #next = 1;

  /** The changes of the present group, by the keys as Latin-1 text: `undefined` for an entry that it has removed. */
  #places = new Map<string, Place | undefined>();

  /** The changes of the present job to `#places`, and the keys that were not looked at yet when room was made last. */
  #undo: [text: string, place: Place | undefined | typeof kept][] = [];
  #left: Generator<{ key: Uint8Array; number: number }, undefined> | undefined;

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
      if (!this.#isBusy) void this.#run();
    });
  }

  async #begin(): Promise<void> {
    this.#isBusy = true;
    try {
      const totals = this.#driver.get('order', totalsKey);
      if (totals) [this.#entries, this.#bytes, this.#next] = numbersOf(totals) as [number, number, number];
      // Entries that were written without bounds have no place.
      if (this.#entries !== this.#driver.count('entries')) await this.#count();
    } catch (error) {
      this.#failed = { error };
    }
    void this.#run();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs.splice(0);
      const before = { entries: this.#entries, bytes: this.#bytes, next: this.#next };
      const changes: Change[] = [];
      const written: Job[] = [];
      if (this.#failed) {
        for (const { done } of jobs) done.reject(this.#failed.error);
        continue;
      }
      this.#places.clear();
      this.#left = undefined;
      this.#driver.refresh();
      for (const job of jobs) if (this.#plans(job, changes)) written.push(job);
      try {
        changes.push(change('order', totalsKey, bytesOf(this.#entries, this.#bytes, this.#next)));
        await this.#driver.write(changes, { isWhole: true });
        for (const { done } of written) done.resolve();
      } catch (error) {
        ({ entries: this.#entries, bytes: this.#bytes, next: this.#next } = before);
        for (const { done } of written) done.reject(error);
      }
    }
    this.#isBusy = false;
  }

  /** Adds the changes of `job` to `changes`; if there is no room for it, rejects it and gives `false`. */
  #plans({ writes, further, done }: Job, changes: Change[]): boolean {
    const { length } = changes;
    const [entries, bytes] = [this.#entries, this.#bytes];
    this.#undo = [];
    try {
      for (const write of writes) this.#add(write, changes);
      for (const it of further) changes.push(it);
      this.#makeRoom(changes);
      return true;
    } catch (error) {
      this.#entries = entries;
      this.#bytes = bytes;
      for (const [text, place] of this.#undo.toReversed()) {
        if (place === kept) this.#places.delete(text);
        else this.#places.set(text, place);
      }
      changes.length = length;
      done.reject(error);
      return false;
    }
  }

  /** Puts `place` behind all others. */
  #setPlace(text: string, place: Place | undefined): void {
    this.#undo.push([text, this.#places.has(text) ? this.#places.get(text) : kept]);
    this.#places.delete(text);
    this.#places.set(text, place);
  }

  #add({ key, value, expires, ifExpires }: Write, changes: Change[]): void {
    const place = this.#placeOf(key);
    if (ifExpires !== undefined && !this.#expiresAt(key, ifExpires)) return;
    if (place) {
      this.#entries -= 1;
      this.#bytes -= place.size;
      changes.push(change('order', orderKey(place.number), undefined));
    }
    if (!value) {
      if (place) this.#remove(key, changes);
      return;
    }
    const size = key.length + value.length;
    if (size > this.#plan.maxBytes) throw overflow(`the entry alone takes ${size} bytes`, this.#plan);
    const number = this.#next++;
    this.#setPlace(textOf(key), { number, size });
    this.#entries += 1;
    this.#bytes += size;
    changes.push(
      change('entries', key, value, expires),
      change('place', key, bytesOf(number, size)),
      change('order', orderKey(number), key),
    );
  }

  #expiresAt(key: Uint8Array, time: number): boolean {
    // A place that this group has made is that of a newer entry.
    return (
      !this.#places.has(textOf(key)) && this.#driver.get('entries', key) !== undefined && this.#driver.expires === time
    );
  }

  #remove(key: Uint8Array, changes: Change[]): void {
    this.#setPlace(textOf(key), undefined);
    changes.push(change('entries', key, undefined), change('place', key, undefined));
  }

  /** Drops the oldest entries as long as there are too many. */
  #makeRoom(changes: Change[]): void {
    const { maxEntries, maxBytes, overflow: policy } = this.#plan;
    const isOver = (): boolean => this.#entries > maxEntries || this.#bytes > maxBytes;
    if (!isOver()) return;
    if (policy === 'error') throw overflow('there is no room for another entry', this.#plan);
    // A job that was given up has made no room, so nothing was dropped that is still there.
    this.#left ??= this.#oldest();
    for (let step = this.#left.next(); !step.done; step = this.#left.next()) {
      const { key, number } = step.value;
      const place = this.#placeOf(key);
      if (place?.number !== number) continue;
      this.#entries -= 1;
      this.#bytes -= place.size;
      changes.push(change('order', orderKey(number), undefined));
      this.#remove(key, changes);
      if (!isOver()) return;
    }
  }

  /** The keys by the order in which they were written; the last ones are those of the present group. */
  *#oldest(): Generator<{ key: Uint8Array; number: number }, undefined> {
    let start = orderKey(0);
    for (;;) {
      const rows = this.#page('order', start, pageSize);
      for (const { key, value } of rows) yield { key: value, number: numbersOf(key)[0] as number };
      const last = rows.at(-1);
      if (!last || rows.length < pageSize) break;
      start = orderKey((numbersOf(last.key)[0] as number) + 1);
    }
    for (const [text, place] of this.#places)
      if (place) yield { key: Buffer.from(text, 'latin1'), number: place.number };
  }

  #placeOf(key: Uint8Array): Place | undefined {
    const text = textOf(key);
    if (this.#places.has(text)) return this.#places.get(text);
    return placeAt(this.#driver, key);
  }

  /** Gives each entry a place that has none, in the order of the keys, and forgets places without entries. */
  async #count(): Promise<void> {
    const changes: Change[] = [];
    const seen = { entries: 0, bytes: 0 };
    for (const { key, value } of this.#all('entries')) {
      const size = key.length + value.length;
      seen.entries += 1;
      seen.bytes += size;
      const place = this.#placeOf(key);
      if (place?.size === size) continue;
      if (place) changes.push(change('order', orderKey(place.number), undefined));
      const number = this.#next++;
      changes.push(change('place', key, bytesOf(number, size)), change('order', orderKey(number), key));
    }
    for (const { key, value } of this.#all('place')) {
      if (this.#driver.get('entries', key)) continue;
      changes.push(
        change('place', key, undefined),
        change('order', orderKey(numbersOf(value)[0] as number), undefined),
      );
    }
    this.#entries = seen.entries;
    this.#bytes = seen.bytes;
    changes.push(change('order', totalsKey, bytesOf(this.#entries, this.#bytes, this.#next)));
    await this.#driver.write(changes, { isWhole: true });
  }

  *#all(table: 'entries' | 'place'): Generator<Row, undefined> {
    let start: Uint8Array | undefined;
    for (;;) {
      const rows = this.#page(table, start, pageSize);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < pageSize) return undefined;
      start = new Uint8Array([...last.key, 0]);
    }
  }

  #page(table: 'entries' | 'order' | 'place', start: Uint8Array | undefined, limit: number): Row[] {
    return this.#driver.page(table, { start, end: undefined, reverse: false, limit, values: true });
  }
}

function overflow(why: string, { maxEntries, maxBytes }: CachePlan): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_OVERFLOW',
    `Cannot set the entry: ${why}: maxEntries is ${maxEntries}, maxBytes is ${maxBytes}`,
  );
}
