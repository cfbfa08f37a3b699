/** Closes the iterables among arguments that were refused, so that they do not stay open. @module */

import { kindOf } from '../../codec/walk/kinds.ts';
import { holdIterable } from '../../channel/adapters/held.ts';

/** Iterables that belong to a call, which will close them. */
const lent = new WeakSet<object>();

/** Notes that `iterable` belongs to a call, which will close it. */
export function noteLent(iterable: object): void {
  lent.add(iterable);
}

/**
 * Closes the iterables in `values` that belong to no call, at all places where a call would have taken one: not in
 * objects of the `transfer` list, and not in instances of classes.
 */
export function closeIterables(values: readonly unknown[], transfer: readonly unknown[] = []): void {
  const seen = new Set<unknown>(transfer);
  const left = [...values];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    try {
      closeIn(value, left);
    } catch {
      // Skip a proxy, or another object that throws when it is inspected.
    }
  }
}

/** Closes `value` if it is an iterable; if it is a plain object or an array, adds its values to `left`. */
function closeIn(value: object, left: unknown[]): void {
  const kind = kindOf(value);
  if (kind === 'iterable') close(value);
  else if (kind === 'array') for (const item of value as unknown[]) left.push(item);
  else if (kind === 'set') for (const item of value as Set<unknown>) left.push(item);
  else if (kind === 'map') for (const [key, item] of value as Map<unknown, unknown>) left.push(key, item);
  // Reads property descriptors, so that no getter is called.
  else if (kind === 'plain') for (const { value: field } of fieldsOf(value)) left.push(field);
}

function fieldsOf(value: object): PropertyDescriptor[] {
  return Object.values(Object.getOwnPropertyDescriptors(value)).filter(({ enumerable }) => enumerable);
}

function close(iterable: object): void {
  if (lent.has(iterable)) return;
  lent.add(iterable);
  holdIterable(iterable)
    .close()
    .catch(() => undefined);
}
