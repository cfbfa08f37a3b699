/** What is said where a bound leaves no room. @module */

import { OffloopError } from '../base/errors.ts';

/** The error for an item that finds `maxSize` of them waiting; `action` is what could not be done with it. */
export function overflowError(action: 'yield' | 'put', maxSize: number): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_OVERFLOW',
    `Cannot ${action} another item: ${maxSize} wait, as many as maxSize allows`,
  );
}
