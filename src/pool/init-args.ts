/** The arguments of `init`: copied when the pool is made, and given to each thread, now and later. @module */

import { scopeValue } from '../address/scopes/captures.ts';
import { definitionOf } from '../address/wrapped.ts';
import type { Hole } from '../codec/walk/hole.ts';
import { unpack } from '../codec/walk/unpack.ts';
import { structuredClone } from '../base/intrinsics.ts';
import { postValues } from '../wire/post.ts';

interface Taken {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;
}

/**
 * Copies `args` as they are now; gives the function that makes the arguments for one thread from the copy. `init` is
 * the wrapped function: the classes of errors in `args` are looked up in its module.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if an argument cannot cross; the error names its path, such as
 *   `initArgs[0].db`.
 */
export function takeInitArgs(args: readonly unknown[], init: Function): () => unknown[] {
  let taken: Taken = { values: [], holes: undefined };
  const take = (values: unknown[], holes: Hole[] | undefined, transfer: readonly unknown[]): void => {
    taken = structuredClone({ values, holes }, { transfer: [...transfer] as ArrayBuffer[] });
    // Objects that can only be transferred would reach the first thread alone: cloning them throws.
    if (transfer.length > 0) structuredClone(taken);
  };
  postValues([[...args]], 'initArgs', take, { walk: true, transfer: [] });
  const resolveClass = (name: string): unknown => scopeValue(definitionOf(init)?.fn ?? init, name);
  return () => {
    const { values, holes } = structuredClone(taken);
    if (holes) unpack(values, holes, { resolveClass });
    return values[0] as unknown[];
  };
}
