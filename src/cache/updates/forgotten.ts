/** Ends the iterators over updates that a program has lost without closing them. @module */

import { FinalizationRegistry } from '../../base/intrinsics.ts';

const lost = new FinalizationRegistry<() => void>((end) => end());

/**
 * Calls `end` once `iterator` was garbage-collected, so that an iterator that nobody reads does not hold up those who
 * publish for ever. `end` must not refer to it.
 */
export function whenLost(iterator: object, end: () => void): void {
  lost.register(iterator, end, iterator);
}

/** Called when `iterator` was closed. */
export function isClosed(iterator: object): void {
  lost.unregister(iterator);
}
