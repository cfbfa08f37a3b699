/** The order in which the entries of a bounded store were written, as bytes. @module */

import type { Change, Driver, Row, Table } from '../stores/driver.ts';

/** Where an entry stands in the order of the writes, how many bytes its key and value take, and when it expires. */
export interface Place {
  readonly number: number;
  readonly size: number;

  /** In milliseconds since the epoch; 0 for never. */
  readonly expires: number;
}

/** What all entries of a bounded store come to. */
export interface Totals {
  readonly entries: number;
  readonly bytes: number;

  /** The number of the next place. */
  readonly next: number;
}

/** The key of the totals in the table `order`; the keys of its other entries are longer. */
const totalsKey: Uint8Array = new Uint8Array(1);
const numberSize = 8;
const pageSize = 64;

/** The place of an entry as it is in the store. */
export function placeAt(driver: Driver, key: Uint8Array): Place | undefined {
  const bytes = driver.get('place', key);
  return bytes && placeOf(bytes);
}

function placeOf(bytes: Uint8Array): Place {
  const [number = 0, size = 0, expires = 0] = numbersOf(bytes);
  return { number, size, expires };
}

export function totalsIn(driver: Driver): Totals | undefined {
  const bytes = driver.get('order', totalsKey);
  if (!bytes) return undefined;
  const [entries = 0, bytesInAll = 0, next = 1] = numbersOf(bytes);
  return { entries, bytes: bytesInAll, next };
}

/** The change after which {@link totalsIn} gives no number of entries that there can be. */
export const staleTotals = (totals: Totals): Change => totalsChange({ ...totals, entries: -1 });

export const totalsChange = ({ entries, bytes, next }: Totals): Change =>
  change('order', totalsKey, bytesOf(entries, bytes, next));

/** The changes that give an entry its place, and those that take it. */
export const placing = (key: Uint8Array, { number, size, expires }: Place): Change[] => [
  change('place', key, bytesOf(number, size, expires)),
  change('order', bytesOf(number), key),
];
export const displacing = (key: Uint8Array, { number }: Place): Change[] => [
  change('place', key, undefined),
  change('order', bytesOf(number), undefined),
];

export const change = (
  table: Change['table'],
  key: Uint8Array,
  value: Uint8Array | undefined,
  expires: number = 0,
): Change => ({ table, key, value, expires });

/** The keys of the entries, and the numbers of their places, by the order in which they were written. */
export function* oldestIn(driver: Driver): Generator<{ readonly key: Uint8Array; readonly number: number }, undefined> {
  for (const { key, value } of allOf(driver, 'order', bytesOf(0)))
    yield { key: value, number: numbersOf(key)[0] as number };
}

/** The keys that have places, with those. */
export function* placesIn(driver: Driver): Generator<{ readonly key: Uint8Array; readonly place: Place }, undefined> {
  for (const { key, value } of allOf(driver, 'place')) yield { key, place: placeOf(value) };
}

/** All rows of a table from the key `from` on, read some at a time. */
export function* allOf(driver: Driver, table: Table, from?: Uint8Array): Generator<Row, undefined> {
  for (let start = from; ;) {
    const rows = driver.page(table, { start, end: undefined, reverse: false, limit: pageSize, values: true });
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return undefined;
    start = new Uint8Array([...last.key, 0]);
  }
}

/** Whole numbers from 0 order as the bytes of their doubles do. */
function bytesOf(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * numberSize));
  for (const [i, number] of numbers.entries()) view.setFloat64(i * numberSize, number);
  return new Uint8Array(view.buffer);
}

function numbersOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / numberSize }, (_, i) => view.getFloat64(i * numberSize));
}

/** The bytes of a key as a text, by which maps find them. */
export const textOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
