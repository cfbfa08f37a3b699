/** Locks whose holders have ended. @module */

import { OffloopError } from '../../base/errors.ts';

/** Whether `error` says that the holder of a lock has ended, and that the lock is free now. */
export function isAbandoned(error: unknown): boolean {
  return error instanceof OffloopError && error.code === 'ERR_OFFLOOP_ABANDONED';
}
