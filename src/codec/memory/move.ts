/** Marks values whose memory is transferred to the other thread instead of copied. @module */

import workerThreads from 'node:worker_threads';
import type { Transferable } from 'node:worker_threads';
import { argumentError } from '../../base/errors.ts';
import { shared } from '../../base/realm.ts';

/** A marked value with its transfer list. */
export interface Moved {
  readonly value: unknown;
  readonly transfer: readonly Transferable[];
}

/** All copies of the library in a thread share one class, so that they recognise each other's marks. */
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
 * Return or yield `move(value, list)` from a wrapped function to transfer the parts of `value` that are in `list`: they
 * are not copied, and their memory is unusable in the thread afterwards. Without a list `value` itself is transferred:
 * a buffer, the buffer of a typed array, a port or a stream. A `Buffer` out of Node's shared pool is copied, since the
 * pool cannot be transferred.
 *
 * A part that cannot be transferred is refused when the value crosses, with `ERR_OFFLOOP_NOT_CLONEABLE` and its path.
 *
 * The returned mark is only for returning or yielding, alone or inside another value; do not use it otherwise.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `transfer` is not an array.
 *
 * @example
 * ```ts
 * export const render = threaded((width: number, height: number) => move(new Uint8Array(width * height * 4)));
 * ```
 */
export function move<T>(value: T, transfer: readonly Transferable[] = ownMemory(value)): T {
  if (!Array.isArray(transfer))
    throw argumentError(`Cannot move: expected an array of the objects to move, received ${typeof transfer}`);
  return new Mark(value, transfer) as T;
}

/** The value and transfer list of a mark that {@link move} made; `undefined` for any other value. */
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

/** Node.js 20 lacks this function. */
const { isMarkedAsUntransferable } = workerThreads as { isMarkedAsUntransferable?: (value: object) => boolean };

/** Whether `memory` is the pool that small `Buffer`s share. */
function isPool(memory: object): boolean {
  if (isMarkedAsUntransferable) return isMarkedAsUntransferable(memory);
  return (memory as ArrayBuffer).byteLength === Buffer.poolSize;
}
