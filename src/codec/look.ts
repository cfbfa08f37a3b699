/** The bounded look at values that are to cross: most calls need nothing more. @module */

import { types } from 'node:util';
import { isSendable } from './sendable.ts';

/** Structured clone is right for the values, but they are too many or too special to copy on the way. */
export const LARGE: unique symbol = Symbol('large');

/** Structured clone would lose or refuse part of the values. */
export const SPECIAL: unique symbol = Symbol('special');

/** How many values below the top level are looked at. What stands deeper is left to structured clone. */
export const lookBound = 64;

const maxDepth = 8;

/** Built-in objects that structured clone keeps as they are. */
const kept = new Set<unknown>(
  [
    [Date, RegExp, Map, Set, ArrayBuffer, SharedArrayBuffer, DataView, Boolean, Number, String, BigInt],
    [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    [Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ]
    .flat()
    .map((type) => type.prototype),
);

let budget = 0;
let seen: object[] = [];
let verdict: typeof LARGE | typeof SPECIAL = LARGE;

/**
 * Gives `values` themselves if they are all primitives; a copy if they are small and plain, so that what happens to the
 * originals later does not matter; else what they need. Costs nothing for primitives and no walk for anything large.
 */
export function look(values: unknown[]): unknown[] | typeof LARGE | typeof SPECIAL {
  let isPlain = true;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i];
    if (typeof value === 'object' ? value !== null : typeof value === 'function' || typeof value === 'symbol') {
      isPlain = false;
      break;
    }
  }
  if (isPlain) return values;
  budget = lookBound;
  seen = [];
  const copies: unknown[] = [];
  for (let i = 0; i < values.length; i += 1) {
    const copy = copyOf(values[i], 0);
    if (copy === LARGE || copy === SPECIAL) return copy;
    copies.push(copy);
  }
  return copies;
}

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value !== 'object') return typeof value === 'function' || typeof value === 'symbol' ? SPECIAL : value;
  if (value === null) return null;
  budget -= 1;
  if (budget < 0 || depth > maxDepth) return LARGE;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The same object twice, or a cycle: structured clone keeps identity, a copy would not.
  if (seen.includes(value)) return LARGE;
  seen.push(value);
  if (prototype === Array.prototype && Array.isArray(value)) return copyArray(value, depth);
  if (prototype === Object.prototype || prototype === null) return copyObject(value as Record<string, unknown>, depth);
  return kept.has(prototype) && !isCollection(value) ? LARGE : foreign(value);
}

/** A value of a class: whose instances structured clone would turn into something else. */
function foreign(value: object): typeof LARGE | typeof SPECIAL {
  if (types.isMap(value)) return collectionVerdict(value.keys(), value.values());
  if (types.isSet(value)) return collectionVerdict(value.values());
  const isLost =
    value instanceof Uint8Array ||
    value instanceof Error ||
    value instanceof URL ||
    value instanceof URLSearchParams ||
    value instanceof AbortSignal ||
    Symbol.iterator in value ||
    Symbol.asyncIterator in value ||
    isSendable(value);
  return isLost ? SPECIAL : foreignFields(value);
}

const isCollection = (value: object): boolean => types.isMap(value) || types.isSet(value);

/** Within the bound, what collections hold is looked at as well; the copy is structured clone's. */
function collectionVerdict(...parts: Iterable<unknown>[]): typeof LARGE | typeof SPECIAL {
  for (const part of parts) {
    for (const item of part) {
      if (budget <= 0) return LARGE;
      if (copyOf(item, 1) === SPECIAL) return SPECIAL;
    }
  }
  return LARGE;
}

/** An instance of a class of the user's arrives as a plain object; its fields may still need care. */
function foreignFields(value: object): typeof LARGE | typeof SPECIAL {
  for (const key in value) {
    if (budget <= 0) return LARGE;
    const field = Object.getOwnPropertyDescriptor(value, key);
    if (field && copyOf(field.value, 1) === SPECIAL) return SPECIAL;
  }
  return LARGE;
}

function copyArray(value: unknown[], depth: number): unknown {
  const { length } = value;
  if (length > budget) return looksSpecial(value, depth);
  const copy: unknown[] = [];
  // Gaps, and fields beside the items, are kept by structured clone alone.
  if (Object.keys(value).length !== length) return looksSpecial(value, depth);
  for (let i = 0; i < length; i += 1) {
    const item = value[i];
    const itemCopy =
      typeof item === 'object' || typeof item === 'function' || typeof item === 'symbol'
        ? copyOf(item, depth + 1)
        : item;
    if (itemCopy === LARGE || itemCopy === SPECIAL) return worst(itemCopy, value, i + 1, depth);
    copy.push(itemCopy);
  }
  return copy;
}

/** An array too long to copy: as much of it is looked at as the bound allows. */
function looksSpecial(value: unknown[], depth: number): typeof LARGE | typeof SPECIAL {
  return worst(LARGE, value, 0, depth);
}

/** The verdict over the rest, of which some part cannot be copied. */
function worst(
  known: typeof LARGE | typeof SPECIAL,
  rest: readonly unknown[],
  from: number,
  depth: number,
): typeof LARGE | typeof SPECIAL {
  verdict = known;
  for (let i = from; i < rest.length && budget > 0 && verdict !== SPECIAL; i += 1) {
    budget -= 1;
    if (copyOf(rest[i], depth + 1) === SPECIAL) return SPECIAL;
  }
  return verdict;
}

function copyObject(value: Record<string, unknown>, depth: number): unknown {
  const copy: Record<string, unknown> = {};
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    budget -= 1;
    const item = value[key];
    const isPrimitive = typeof item !== 'object' && typeof item !== 'function' && typeof item !== 'symbol';
    const itemCopy = isPrimitive ? item : copyOf(item, depth + 1);
    if (itemCopy === SPECIAL) return SPECIAL;
    if (itemCopy === LARGE) return worst(LARGE, Object.values(value), 0, depth);
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: itemCopy, enumerable: true, configurable: true, writable: true });
    else copy[key] = itemCopy;
  }
  return copy;
}
