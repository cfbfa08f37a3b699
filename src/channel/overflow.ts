/** The error for an item that finds no room. @module */

import { OffloopError } from '../base/errors.ts';

/** Makes the error for an item that finds `maxSize` items waiting; `action` is the action that failed. */
export function overflowError(action: 'yield' | 'put', maxSize: number): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_OVERFLOW',
    `Cannot ${action} another item: ${maxSize} items wait, as many as maxSize allows`,
  );
}
