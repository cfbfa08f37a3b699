/** How to block on a handle: a function of the arguments of a call, as its thread has it. @module */

import { shared } from '../base/realm.ts';
import type { WaitOptions } from '../wait/wait-options.ts';

/** Calls the function behind a handle, and blocks until it is answered. */
export type WaitForHandle = (args: unknown[], options: WaitOptions) => unknown;

const waits = shared('handles', () => new WeakMap<Function, WaitForHandle>());

/** Remembers how to block on `handle`. */
export function noteHandle(handle: Function, wait: WaitForHandle): void {
  waits.set(handle, wait);
}

/** How to block on `value`, if it is a handle. */
export function handleWait(value: unknown): WaitForHandle | undefined {
  return typeof value === 'function' ? waits.get(value) : undefined;
}
