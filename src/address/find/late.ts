/** Finds functions that are wrapped by the very code that calls them: no thread can find such a function. @module */

import type { Address } from '../address.ts';
import { callSite } from '../call-site.ts';
import { recordsOf } from '../registry.ts';
import type { Definition } from '../registry.ts';
import { twinsOf } from '../scopes/twins.ts';

const late = new WeakSet<Definition>();

/**
 * Notes if the function that calls the wrapper `above` also made that wrapper, itself or by a factory: it is not
 * top-level code.
 */
export function noteCaller(definition: Definition, above: Function): void {
  const [caller] = callSite(above).around;
  if (caller !== undefined && definition.site.around.includes(caller)) late.add(definition);
}

/** Whether the function of `address` was called, while its module was loaded, by the function that had wrapped it. */
export function isLate(address: Address): boolean {
  const definitions = recordsOf(address.module.url).flatMap((record) => record.definitions);
  return twinsOf(address, address.top, definitions).some(wasLate);
}

/**
 * Whether the load that registered `definition` was ended because its maker called it; a thread may not get that far.
 */
export function wasLate(definition: Definition): boolean {
  return late.has(definition);
}
