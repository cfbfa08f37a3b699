/** The writes to a bounded store that are made together. @module */

import { OffloopError } from '../../base/errors.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Change, Driver } from '../stores/driver.ts';
import type { Write } from '../threads/writes.ts';
import { dueRow } from './due.ts';
import { change, displacing, oldestIn, placeAt, placing, textOf } from './places.ts';
import type { Place, Totals } from './places.ts';

/** Stands for a place as it is in the store. */
const kept: unique symbol = Symbol('kept');

/**
 * Gathers the changes of a group of jobs, each of them whole or not at all.
 *
 * Invariant: the totals are those of the store with all changes so far.
 */
export class Group {
  readonly changes: Change[] = [];
  readonly #driver: Driver;
  readonly #plan: CachePlan;
  #entries: number;
  #bytes: number;
  #next: number;

  /** The places that the group has changed, by the keys as Latin-1 text: `undefined` for an entry that it has removed. */
  readonly #places = new Map<string, Place | undefined>();

  /** The changes of the present job to `#places`. */
  #undo: [text: string, place: Place | undefined | typeof kept][] = [];

  /** The keys that were not looked at yet when room was made last. */
  #left: Generator<{ readonly key: Uint8Array; readonly number: number }, undefined> | undefined;

  constructor(driver: Driver, plan: CachePlan, { entries, bytes, next }: Totals) {
    this.#driver = driver;
    this.#plan = plan;
    this.#entries = entries;
    this.#bytes = bytes;
    this.#next = next;
  }

  get totals(): Totals {
    return { entries: this.#entries, bytes: this.#bytes, next: this.#next };
  }

  /**
   * Adds a job: `writes`, and `further` changes.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW` if there is no room for it; then nothing was added.
   */
  add(writes: readonly Write[], further: readonly Change[]): void {
    const { length } = this.changes;
    const [entries, bytes] = [this.#entries, this.#bytes];
    this.#undo = [];
    try {
      for (const write of writes) this.#write(write);
      this.changes.push(...further);
      this.#makeRoom();
    } catch (error) {
      this.#entries = entries;
      this.#bytes = bytes;
      for (const [text, place] of this.#undo.toReversed()) {
        if (place === kept) this.#places.delete(text);
        else this.#places.set(text, place);
      }
      this.changes.length = length;
      throw error;
    }
  }

  #write({ key, value, expires, ifExpires }: Write): void {
    const before = this.#placeOf(key);
    if (ifExpires !== undefined && before?.expires !== ifExpires) return;
    if (before) this.#take(key, before);
    if (!value) {
      if (before) this.changes.push(change('entries', key, undefined));
      return;
    }
    const size = key.length + value.length;
    if (size > this.#plan.maxBytes) throw overflow(`the entry alone takes ${size} bytes`, this.#plan);
    const place = { number: this.#next++, size, expires };
    this.#setPlace(textOf(key), place);
    this.#entries += 1;
    this.#bytes += size;
    this.changes.push(change('entries', key, value, expires), ...placing(key, place));
    if (expires !== 0) this.changes.push(dueRow(expires, key, new Uint8Array(key)));
  }

  /** Takes the place of an entry that is removed or replaced. */
  #take(key: Uint8Array, place: Place): void {
    this.#setPlace(textOf(key), undefined);
    this.#entries -= 1;
    this.#bytes -= place.size;
    this.changes.push(...displacing(key, place));
    if (place.expires !== 0) this.changes.push(dueRow(place.expires, key, undefined));
  }

  /** Drops the oldest entries as long as there are too many. */
  #makeRoom(): void {
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
      this.#take(key, place);
      this.changes.push(change('entries', key, undefined));
      if (!isOver()) return;
    }
  }

  /** The keys by the order in which they were written; the last ones are those of this group. */
  *#oldest(): Generator<{ readonly key: Uint8Array; readonly number: number }, undefined> {
    yield* oldestIn(this.#driver);
    for (const [text, place] of this.#places)
      if (place) yield { key: Buffer.from(text, 'latin1'), number: place.number };
  }

  /** Puts `place` behind all others. */
  #setPlace(text: string, place: Place | undefined): void {
    this.#undo.push([text, this.#places.has(text) ? this.#places.get(text) : kept]);
    this.#places.delete(text);
    this.#places.set(text, place);
  }

  #placeOf(key: Uint8Array): Place | undefined {
    const text = textOf(key);
    return this.#places.has(text) ? this.#places.get(text) : placeAt(this.#driver, key);
  }
}

function overflow(why: string, { maxEntries, maxBytes }: CachePlan): OffloopError {
  const text = `Cannot set the entry: ${why}: maxEntries is ${maxEntries}, maxBytes is ${maxBytes}`;
  return new OffloopError('ERR_OFFLOOP_OVERFLOW', text);
}
