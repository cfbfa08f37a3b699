/** The errors of stores. @module */

import { OffloopError } from '../../base/errors.ts';

/** `ERR_OFFLOOP_STORE` with its cause, whose words it repeats; errors of the library stay as they are. */
export function storeError(what: string, cause: unknown): OffloopError {
  if (cause instanceof OffloopError) return cause;
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return new OffloopError('ERR_OFFLOOP_STORE', `${what}${why}`, { cause });
}

/** The error for a read of the cache at `path` that the store has refused. */
export function readError(error: unknown, path: string): OffloopError {
  return storeError(`Cannot read the cache ${path}`, error);
}

/** The error for a write to the cache at `path` that the store has refused. */
export async function writeError(error: unknown, path: string): Promise<OffloopError> {
  return storeError(`Cannot write to the cache ${path}`, await causeOf(error));
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
