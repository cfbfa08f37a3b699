/** Functions that are wrapped by the very code that calls them: no thread can have them. @module */

import type { Address } from './address.ts';
import { callSite } from './call-site.ts';
import { recordsOf } from './registry.ts';
import type { Definition } from './registry.ts';
import { twinsOf } from './twins.ts';

const late = new WeakSet<Definition>();

/** Notes whether the function that calls the wrapper `above` has made it, be it through a factory: then it is not top-level code. */
export function noteCaller(definition: Definition, above: Function): void {
  const [caller] = callSite(above).around;
  if (caller !== undefined && definition.site.around.includes(caller)) late.add(definition);
}

/** Whether what stands at `address` was called, while its module was loaded, by what had made it. */
export function isLate(address: Address): boolean {
  const definitions = recordsOf(address.module.url).flatMap((record) => record.definitions);
  return twinsOf(address, address.top, definitions).some(wasLate);
}

/** Whether the load that registered `definition` was given up since its maker called it: another thread may not get there. */
export function wasLate(definition: Definition): boolean {
  return late.has(definition);
}
