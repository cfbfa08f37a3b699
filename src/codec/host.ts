/** Objects of the platform: which of them structured clone can send, and which are bound to their thread. @module */

import { structuredClone } from '../base/intrinsics.ts';

/** What structured clone makes of an object: itself, a plain object of its fields, or nothing. */
export type HostVerdict = 'host' | 'plain' | 'refused';

/**
 * Tries what structured clone makes of `value`. Nothing that code can see tells the objects that it knows how to send
 * (blobs, keys, histograms, compiled modules and their like) from others.
 */
export function hostVerdict(value: object): HostVerdict {
  try {
    return Object.getPrototypeOf(structuredClone(value)) === Object.prototype ? 'plain' : 'host';
  } catch {
    return 'refused';
  }
}

const holders = ['Intl', 'Temporal', 'WebAssembly'].map((name) => (globalThis as Record<string, unknown>)[name]);

/** Whether the class of `value`, or one that it extends, is built in: of those, the fields are not what matters. */
export function isOfPlatform(value: object): boolean {
  let it = Object.getPrototypeOf(value) as object | null;
  for (; it && it !== Object.prototype; it = Object.getPrototypeOf(it) as object | null) {
    const type: unknown = Object.getOwnPropertyDescriptor(it, 'constructor')?.value;
    if (typeof type === 'function' && [globalThis, ...holders].some((holder) => isBuiltIn(holder, type))) return true;
  }
  return false;
}

function isBuiltIn(holder: unknown, type: Function): boolean {
  if (typeof holder !== 'object' || holder === null || type === Object) return false;
  const property = Object.getOwnPropertyDescriptor(holder, type.name);
  // Built-in globals are not enumerable; what a program assigns to the global object is.
  if (!property || property.enumerable === true) return false;
  return (property.get ? (holder as Record<string, unknown>)[type.name] : property.value) === type;
}
