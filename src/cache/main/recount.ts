/** Counts the entries of a store that has got bounds. @module */

import type { Change, Driver } from '../stores/driver.ts';
import { allOf, displacing, placeAt, placesIn, placing } from './places.ts';
import type { Totals } from './places.ts';

/**
 * Gives each entry a place that has none, in the order of the keys, after those that have one; forgets places without
 * entries. Gives the changes for that, and the totals.
 */
export function recount(driver: Driver, first: number): { readonly changes: Change[]; readonly totals: Totals } {
  const changes: Change[] = [];
  let [entries, bytes, next] = [0, 0, first];
  for (const { key, value, expires } of allOf(driver, 'entries')) {
    const size = key.length + value.length;
    entries += 1;
    bytes += size;
    const place = placeAt(driver, key);
    if (place?.size === size && place.expires === expires) continue;
    if (place) changes.push(...displacing(key, place));
    changes.push(...placing(key, { number: next, size, expires }));
    next += 1;
  }
  for (const { key, place } of placesIn(driver))
    if (!driver.get('entries', key)) changes.push(...displacing(key, place));
  return { changes, totals: { entries, bytes, next } };
}
