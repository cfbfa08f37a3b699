/** Platform objects: which of them structured clone can send, and which are bound to their thread. @module */

import { structuredClone } from '../../base/intrinsics.ts';

/** The result of structured clone: an object of the same kind, a plain object of the fields, or an error. */
export type HostVerdict = 'host' | 'plain' | 'refused';

/**
 * Tries what structured clone makes of `value`. JavaScript code has no other way to tell the platform objects that can
 * be cloned (blobs, keys, histograms, compiled modules and the like) from other objects.
 */
export function hostVerdict(value: object): HostVerdict {
  try {
    return Object.getPrototypeOf(structuredClone(value)) === Object.prototype ? 'plain' : 'host';
  } catch {
    return 'refused';
  }
}

const holders = ['Intl', 'Temporal', 'WebAssembly'].map((name) => (globalThis as Record<string, unknown>)[name]);

/**
 * Whether the class of `value`, or one that it extends, is built in: the state of such an object is not in its fields.
 */
export function isOfPlatform(value: object): boolean {
  let it = Object.getPrototypeOf(value) as object | null;
  for (; it && it !== Object.prototype; it = Object.getPrototypeOf(it) as object | null) {
    const type: unknown = Object.getOwnPropertyDescriptor(it, 'constructor')?.value;
    if (typeof type === 'function' && [globalThis, ...holders].some((holder) => isBuiltIn(holder, type))) return true;
  }
  return false;
}

const isNative = (type: Function): boolean => Function.prototype.toString.call(type).includes('[native code]');

function isBuiltIn(holder: unknown, type: Function): boolean {
  if (typeof holder !== 'object' || holder === null || type === Object) return false;
  const property = Object.getOwnPropertyDescriptor(holder, type.name);
  // Built-in globals are not enumerable, but for some of Bun; properties that a program assigns to the global object are.
  if (!property || (property.enumerable === true && !isNative(type))) return false;
  return (property.get ? (holder as Record<string, unknown>)[type.name] : property.value) === type;
}
