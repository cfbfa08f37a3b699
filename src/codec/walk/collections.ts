/** Packs arrays, maps and sets. Maps and sets with entries to be revived are filled last, to keep the order. @module */

import type { Hole } from './hole.ts';
import { EntryStep, stepOf } from './path.ts';
import type { Walker } from './walker.ts';

/** Fills `copy` with the packed items of `array`, and with its fields beside them. */
export function packArray(array: readonly unknown[], copy: unknown[], walker: Walker): void {
  const { length } = array;
  let dense = 0;
  for (; dense < length && dense in array; dense += 1) walker.put(copy, dense, array[dense]);
  // Gaps stay gaps, and fields beside the items are kept, as structured clone does. For a long array, counting its
  // values takes a tenth of the time of listing its keys.
  if (dense < length || Object.values(array).length > length) {
    const rest = array as unknown as Record<string, unknown>;
    for (const key of Object.keys(array).slice(dense)) walker.put(copy, key, rest[key], stepOf(key));
  }
  copy.length = length;
}

/** Fills `copy` with the packed entries of `map`, or leaves that to a hole. */
export function packMap(map: Map<unknown, unknown>, copy: Map<unknown, unknown>, holes: Hole[], walker: Walker): void {
  const entries: unknown[] = [];
  const { length } = holes;
  for (const [key, item] of Map.prototype.entries.call(map) as IterableIterator<[unknown, unknown]>) {
    walker.put(entries, entries.length, key, new EntryStep('key'));
    walker.put(entries, entries.length, item, new EntryStep('value', key));
  }
  if (hasHoleIn(entries, holes, length)) holes.push([copy, undefined, 'map', entries]);
  else fillMap(copy, entries);
}

/** Fills `copy` with the packed items of `set`, or leaves that to a hole. */
export function packSet(set: Set<unknown>, copy: Set<unknown>, holes: Hole[], walker: Walker): void {
  const items: unknown[] = [];
  const { length } = holes;
  for (const item of Set.prototype.values.call(set)) walker.put(items, items.length, item, new EntryStep('item'));
  if (hasHoleIn(items, holes, length)) holes.push([copy, undefined, 'set', items]);
  else fillSet(copy, items);
}

/** Fills a map from the flat list of its keys and values. */
export function fillMap(map: Map<unknown, unknown>, entries: readonly unknown[]): void {
  for (let i = 0; i < entries.length; i += 2) map.set(entries[i], entries[i + 1]);
}

/** Fills a set from the list of its items. */
export function fillSet(set: Set<unknown>, items: readonly unknown[]): void {
  for (const item of items) set.add(item);
}

function hasHoleIn(container: object, holes: readonly Hole[], from: number): boolean {
  for (let i = from; i < holes.length; i += 1) if (holes[i]?.[0] === container) return true;
  return false;
}
