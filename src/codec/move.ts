/** Marks results whose memory moves to the caller instead of being copied. @module */

import type { Transferable } from 'node:worker_threads';

/** What {@link move} was given. */
export interface Moved {
  readonly value: unknown;
  readonly transfer: readonly Transferable[];
}

const moves = new WeakMap<object, Moved>();

/**
 * Return `move(value, list)` from a wrapped function to transfer the parts of `value` that are in `list`, instead of
 * cloning them: their memory is gone in the thread, and nothing is copied. Without a list, `value` itself moves: a
 * buffer, a typed array's buffer, or a port. What it returns is for returning alone.
 *
 * @example
 * ```ts
 * export const render = threaded((width: number, height: number) => move(new Uint8Array(width * height * 4)));
 * ```
 */
export function move<T>(value: T, transfer: readonly Transferable[] = [ownMemory(value)]): T {
  const mark = {};
  moves.set(mark, { value, transfer });
  return mark as T;
}

/** What stands behind a mark of {@link move}; `undefined` for anything else. */
export function takeMove(value: unknown): Moved | undefined {
  return typeof value === 'object' && value !== null ? moves.get(value) : undefined;
}

function ownMemory(value: unknown): Transferable {
  return (ArrayBuffer.isView(value) ? value.buffer : value) as Transferable;
}
