/** The order in which the entries of a bounded store were written, as bytes. @module */

import type { Change, Driver } from '../stores/driver.ts';

/** Where an entry stands in the order of the writes, and how many bytes its key and value take. */
export interface Place {
  readonly number: number;
  readonly size: number;
}

/** The key of the totals in the table `order`; the keys of its other entries are longer. */
export const totalsKey: Uint8Array = new Uint8Array(1);
const numberSize = 8;

/** The place of an entry as it is in the store. */
export function placeAt(driver: Driver, key: Uint8Array): Place | undefined {
  const bytes = driver.get('place', key);
  if (!bytes) return undefined;
  const [number = 0, size = 0] = numbersOf(bytes);
  return { number, size };
}

export const change = (
  table: Change['table'],
  key: Uint8Array,
  value: Uint8Array | undefined,
  expires: number = 0,
): Change => ({ table, key, value, expires });

/** Whole numbers from 0 order as the bytes of their doubles do. */
export const orderKey = (number: number): Uint8Array => bytesOf(number);

export function bytesOf(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.length * numberSize));
  for (const [i, number] of numbers.entries()) view.setFloat64(i * numberSize, number);
  return new Uint8Array(view.buffer);
}

export function numbersOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / numberSize }, (_, i) => view.getFloat64(i * numberSize));
}

/** The bytes of a key as a text, by which maps find them. */
export const textOf = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
