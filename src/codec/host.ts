/** Objects of the platform that structured clone knows how to send: ports, blobs, keys, histograms and their like. @module */

/** What structured clone makes of an object: itself, a plain object of its fields, or nothing. */
export type HostVerdict = 'host' | 'plain' | 'refused';

const known = new WeakMap<object, HostVerdict>();

/**
 * Tries what structured clone makes of `value`. Nothing that code can see tells host objects apart, so one of each
 * prototype is tried; a refusal may lie in the fields of the one object, and is not remembered.
 */
export function hostVerdict(value: object): HostVerdict {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null) return 'plain';
  const before = known.get(prototype);
  if (before) return before;
  try {
    const verdict = Object.getPrototypeOf(structuredClone(value)) === Object.prototype ? 'plain' : 'host';
    known.set(prototype, verdict);
    return verdict;
  } catch {
    return 'refused';
  }
}
