/** Refuses functions that need what the main thread changes, and only that. @module */

import type { Address } from './address.ts';
import { changedByMain } from './explain.ts';
import { readView } from './view-cache.ts';

/**
 * Called once a thread and function, when the worker view that has it is loaded.
 *
 * @param hash Of the function's text, as this thread has it.
 * @throws {OffloopError} `ERR_OFFLOOP_CAPTURE` if it needs a variable of which the thread has not what the main thread
 * has: a statement changes it that is not in the view, or main's functions do.
 */
export function refuseChanged(address: Address, hash: string): void {
  const { refused = {} } = readView(address.module.view.cache) ?? {};
  const reason = Object.hasOwn(refused, hash) ? refused[hash] : undefined;
  if (reason) throw changedByMain(address, reason);
}
