/** A look at values that are to cross, bounded in time; most calls need no more than this. @module */

import { kindOf } from '../walk/kinds.ts';
import { isIndex } from '../walk/path.ts';

/** Structured clone handles the values correctly, but they are too many or too special to be copied here. */
export const LARGE: unique symbol = Symbol('large');

/** Structured clone would lose or refuse a part of the values. */
export const SPECIAL: unique symbol = Symbol('special');

/** How many objects are looked at, and how many items of an array. The rest is left to structured clone. */
export const lookBound = 64;

interface Looking {
  left: number;
  isLarge: boolean;
  isSpecial: boolean;
  seen: object[] | undefined;
}

/**
 * Gives `values` themselves if all are primitives. Gives a copy if they are small and plain, so that later changes to
 * the originals do not matter. Otherwise gives `LARGE` or `SPECIAL`. Getters are read, as structured clone does.
 */
export function look(values: unknown[]): unknown[] | typeof LARGE | typeof SPECIAL {
  for (let i = 0; i < values.length; i += 1) {
    // As `isPrimitive`, which would be one more function for each argument of most calls.
    const value = values[i];
    const kind = typeof value;
    if (kind === 'object' ? value !== null : kind === 'function' || kind === 'symbol') return lookInto(values, i);
  }
  return values;
}

function lookInto(values: unknown[], from: number): unknown[] | typeof LARGE | typeof SPECIAL {
  const looking: Looking = { left: lookBound, isLarge: false, isSpecial: false, seen: undefined };
  const copies = values.slice();
  for (let i = from; i < values.length; i += 1) {
    const value = values[i];
    if (isPrimitive(value)) continue;
    copies[i] = copyOf(value, looking);
    if (looking.isSpecial) return SPECIAL;
  }
  return looking.isLarge ? LARGE : copies;
}

/** A copy of `value`; not to be used if `looking` is large or special afterwards. */
function copyOf(value: unknown, looking: Looking): unknown {
  if (typeof value !== 'object' || value === null) return finish(looking, 'isSpecial');
  if (looking.left === 0) return finish(looking, 'isLarge');
  looking.left -= 1;
  // The same object twice, or a cycle: structured clone keeps identity, this copy would not.
  if (looking.seen === undefined) looking.seen = [value];
  else if (looking.seen.includes(value)) return finish(looking, 'isLarge');
  else looking.seen.push(value);
  switch (kindOf(value)) {
    case 'plain':
      return copyFields(value as Record<string, unknown>, looking);
    case 'array':
      return copyItems(value as unknown[], looking);
    case 'kept':
    case 'memory':
      return finish(looking, 'isLarge');
    case 'map':
      lookThrough(Map.prototype.keys.call(value as Map<unknown, unknown>), looking);
      return lookThrough(Map.prototype.values.call(value as Map<unknown, unknown>), looking);
    case 'set':
      return lookThrough(Set.prototype.values.call(value as Set<unknown>), looking);
    case 'instance':
      return lookThrough(Object.values(value), looking);
    default:
      return finish(looking, 'isSpecial');
  }
}

function copyFields(value: Record<string, unknown>, looking: Looking): unknown {
  // Measured: a spread and a loop over it take a third of the time of a loop that copies.
  const copy = { ...value };
  for (const key in copy) {
    const field = copy[key];
    if (isPrimitive(field) || !Object.hasOwn(copy, key)) continue;
    // The spread has made an own property even of `__proto__`, so this assignment sets no prototype.
    copy[key] = copyOf(field, looking);
    if (looking.isSpecial) return undefined;
  }
  return copy;
}

function copyItems(value: unknown[], looking: Looking): unknown {
  const { length } = value;
  const isLong = length > lookBound;
  const hasMore = !isLong && !isDense(value);
  if (isLong || hasMore) looking.isLarge = true;
  const copy = looking.isLarge ? [] : value.slice();
  for (let i = 0; i < length && i < lookBound; i += 1) {
    const item = value[i];
    if (isPrimitive(item)) continue;
    const itemCopy = copyOf(item, looking);
    if (looking.isSpecial) return undefined;
    if (!looking.isLarge) copy[i] = itemCopy;
  }
  if (hasMore) lookThrough(fieldsBeside(value), looking);
  return copy;
}

/** The values of properties that `items` has beside its items, such as `index` and `groups` of a match. */
function fieldsBeside(items: unknown[]): unknown[] {
  const keys = Object.keys(items);
  // `Object.keys` lists indices first.
  return keys.slice(keys.findLastIndex(isIndex) + 1).map((key) => (items as unknown as Record<string, unknown>)[key]);
}

/** Looks at the content of a collection or an instance without copying it: structured clone makes the copy. */
function lookThrough(parts: Iterable<unknown>, looking: Looking): void {
  looking.isLarge = true;
  for (const part of parts) {
    if (looking.left === 0 || looking.isSpecial) return;
    if (isPrimitive(part)) looking.left -= 1;
    else copyOf(part, looking);
  }
}

function finish(looking: Looking, verdict: 'isLarge' | 'isSpecial'): undefined {
  looking[verdict] = true;
  return undefined;
}

/** Whether `items` has neither gaps nor properties beside the items; only structured clone keeps those. */
export function isDense(items: readonly unknown[]): boolean {
  const keys = Object.keys(items);
  const { length } = items;
  // `Object.keys` lists indices first, in order.
  return keys.length === length && (length === 0 || keys[length - 1] === String(length - 1));
}

/** Whether `value` is a primitive that crosses as it is. */
export function isPrimitive(value: unknown): boolean {
  return typeof value === 'object' ? value === null : typeof value !== 'function' && typeof value !== 'symbol';
}
