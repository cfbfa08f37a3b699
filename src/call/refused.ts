/** Iterables among arguments that were refused: the call they were given to closes them, though it was never made. @module */

import { kindOf } from '../codec/kinds.ts';
import { holdIterable } from '../channel/held.ts';

/** Iterables that a call has, which closes them. */
const lent = new WeakSet<object>();

/** A call closes `iterable`. */
export function noteLent(iterable: object): void {
  lent.add(iterable);
}

/**
 * Closes the iterables in `values` that no call closes, wherever a call would have taken one: not in what `transfer`
 * names, nor in instances of classes.
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
      // A proxy, or an object that cannot be looked at.
    }
  }
}

/** Closes `value` if it is an iterable, or adds to `left` what it holds. */
function closeIn(value: object, left: unknown[]): void {
  const kind = kindOf(value);
  if (kind === 'iterable') close(value);
  else if (kind === 'array') for (const item of value as unknown[]) left.push(item);
  else if (kind === 'set') for (const item of value as Set<unknown>) left.push(item);
  else if (kind === 'map') for (const [key, item] of value as Map<unknown, unknown>) left.push(key, item);
  // A getter is not called for it.
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
