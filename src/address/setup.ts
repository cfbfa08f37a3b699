/** `setup()`: statements that every thread has to run before it can run a module's functions. @module */

import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { shared } from '../base/realm.ts';
import { loadScope } from './trap/scope.ts';

const running = shared('setups', () => new Set<unknown>());

/**
 * Runs `fn` at once and returns its result. A thread that loads only a slice of the program keeps this statement, with
 * everything it needs; calls wait until its promise has settled, and reject if it rejects.
 *
 * Use it for a step that nothing in the program connects to the functions that need it.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function.
 * @throws What `fn` throws.
 *
 * @example
 * ```ts
 * import init, { parse } from './parser-wasm.js';
 *
 * await setup(() => init());
 * export const parseText = threaded((text: string) => parse(text));
 * ```
 */
export function setup<T>(fn: () => T): T {
  if (typeof fn !== 'function') throw argumentError('Cannot set up: expected a function');
  const result = loadScope.setup(fn);
  running.add(result);
  return result;
}

/** Resolves once every setup of this thread has completed; rejects with the first that fails. */
export async function setupsDone(): Promise<void> {
  if (running.size === 0) return;
  await Promise.all(running);
  running.clear();
}
