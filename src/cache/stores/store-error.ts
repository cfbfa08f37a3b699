/** The errors of stores. @module */

import { OffloopError } from '../../base/errors.ts';

/** The error for a write that the store has refused, as `ERR_OFFLOOP_STORE` with its cause; others stay as they are. */
export async function storeError(error: unknown): Promise<unknown> {
  if (error instanceof OffloopError) return error;
  return new OffloopError('ERR_OFFLOOP_STORE', 'Cannot write to the store', { cause: await causeOf(error) });
}

/** The error for a read that the store has refused, as {@link storeError} has it. */
export function readError(error: unknown, path: string): unknown {
  if (error instanceof OffloopError) return error;
  return new OffloopError('ERR_OFFLOOP_STORE', `Cannot read the cache ${path}`, { cause: error });
}

/** lmdb tells the cause of a failed commit by a promise. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: PromiseLike<unknown> };
  if (commitError === undefined) return error;
  try {
    return await commitError;
  } catch (cause) {
    return cause;
  }
}
