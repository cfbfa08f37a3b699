/** The arguments of `init`: taken when the pool is made, and given to each thread, those that come later as well. @module */

import { scopeValue } from '../address/captures.ts';
import { definitionOf } from '../address/wrapped.ts';
import type { Hole } from '../codec/hole.ts';
import { unpack } from '../codec/unpack.ts';
import { structuredClone } from '../base/intrinsics.ts';
import { postValues } from '../wire/post.ts';

interface Taken {
  readonly values: unknown[];
  readonly holes: Hole[] | undefined;
}

/**
 * Copies `args` as they are now; gives what makes of the copy the arguments for one thread. `init` is the wrapped
 * function, whose module may have the classes of errors among them.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot cross, such as `initArgs[0].db`.
 */
export function takeInitArgs(args: readonly unknown[], init: Function): () => unknown[] {
  let taken: Taken = { values: [], holes: undefined };
  const take = (values: unknown[], holes: Hole[] | undefined, transfer: readonly unknown[]): void => {
    taken = structuredClone({ values, holes }, { transfer: [...transfer] as ArrayBuffer[] });
    // What can only move would be there for the first thread alone.
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
