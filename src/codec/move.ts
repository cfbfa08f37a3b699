/** Marks values whose memory moves to the other thread instead of being copied. @module */

import workerThreads from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { argumentError } from '../base/errors.ts';
import { shared } from '../base/realm.ts';

/** A value on its way, with what of it moves. */
export interface Moved {
  readonly value: unknown;
  readonly transfer: readonly Transferable[];
}

/** One class for all copies of the library in a thread, so that they know each other's marks. */
const Mark = shared(
  'move mark',
  () =>
    class Mark implements Moved {
      readonly value: unknown;
      readonly transfer: readonly Transferable[];

      constructor(value: unknown, transfer: readonly Transferable[]) {
        this.value = value;
        this.transfer = transfer;
      }
    },
);

/**
 * Return or yield `move(value, list)` from a wrapped function to transfer the parts of `value` that are in `list`,
 * instead of cloning them: their memory is gone in the thread, and nothing is copied. Without a list, `value` itself
 * moves: a buffer, a typed array's buffer, a port or a stream. A `Buffer` out of Node's shared pool is copied, as its
 * memory is not its own.
 *
 * What cannot move is refused where it crosses, with `ERR_OFFLOOP_NOT_CLONEABLE` and its path.
 *
 * What it returns is only a mark, for returning and passing on; do not use it otherwise.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the list is no array.
 *
 * @example
 * ```ts
 * export const render = threaded((width: number, height: number) => move(new Uint8Array(width * height * 4)));
 * ```
 */
export function move<T>(value: T, transfer: readonly Transferable[] = ownMemory(value)): T {
  if (!Array.isArray(transfer))
    throw argumentError(`Cannot move: expected a list of what moves, received ${typeof transfer}`);
  return new Mark(value, transfer) as T;
}

/** What stands behind a mark of {@link move}; `undefined` for anything else. */
export function takeMove(value: unknown): Moved | undefined {
  return value instanceof Mark ? value : undefined;
}

function ownMemory(value: unknown): Transferable[] {
  if (!ArrayBuffer.isView(value)) {
    return typeof value === 'object' && value !== null && !isShared(value) ? [value as Transferable] : [];
  }
  const { buffer } = value;
  return isShared(buffer) || isPool(buffer) ? [] : [buffer as ArrayBuffer];
}

const isShared = (value: object): boolean => value instanceof SharedArrayBuffer;

/** Not on Node 20. */
const { isMarkedAsUntransferable } = workerThreads as { isMarkedAsUntransferable?: (value: object) => boolean };

/** Whether `memory` is the pool that small `Buffer`s share. */
function isPool(memory: object): boolean {
  if (isMarkedAsUntransferable) return isMarkedAsUntransferable(memory);
  return (memory as ArrayBuffer).byteLength === Buffer.poolSize;
}
