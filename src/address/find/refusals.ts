/** Refuses functions that need a variable which the main thread changes. @module */

import type { Address } from '../address.ts';
import { changedByMain } from './explain.ts';
import { readView } from '../load/view-cache.ts';

/**
 * Checks a function of a loaded worker view, once in each thread.
 *
 * @param hash The hash of the function's text in this thread.
 * @throws {OffloopError} `ERR_OFFLOOP_CAPTURE` if the function needs a variable whose value differs from the main
 * thread's: a statement that is not in the view changes it, or functions that run only on the main side do.
 */
export function refuseChanged(address: Address, hash: string): void {
  const { refused = {} } = readView(address.module.view.cache) ?? {};
  const reason = Object.hasOwn(refused, hash) ? refused[hash] : undefined;
  if (reason) throw changedByMain(address, reason);
}
