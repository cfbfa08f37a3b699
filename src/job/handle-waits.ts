/** Lets a thread block on a handle, which stands in a thread for a function argument of its call. @module */

import { shared } from '../base/realm.ts';
import type { WaitOptions } from '../wait/wait-options.ts';

/** Calls the function behind a handle, and blocks until the answer. */
export type WaitForHandle = (args: unknown[], options: WaitOptions) => unknown;

const waits = shared('handles', () => new WeakMap<Function, WaitForHandle>());

/** Registers `wait` as the way to block on `handle`. */
export function noteHandle(handle: Function, wait: WaitForHandle): void {
  waits.set(handle, wait);
}

/** The function that blocks on `value`, if `value` is a handle. */
export function handleWait(value: unknown): WaitForHandle | undefined {
  return typeof value === 'function' ? waits.get(value) : undefined;
}
