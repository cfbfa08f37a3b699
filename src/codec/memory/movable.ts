/** Checks values that are to be transferred (memory, ports, streams), so that a refusal can name the path. @module */

import { types } from 'node:util';
import workerThreads, { MessagePort } from 'node:worker_threads';
import { kindOf } from '../walk/kinds.ts';
import { refusal } from '../walk/refusal.ts';

/**
 * Refuses a list with an item that cannot be transferred; `pathOf` gives the path of an item.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path.
 */
export function assertMovable(list: readonly unknown[], pathOf: (index: number) => string): void {
  for (const [index, item] of list.entries()) {
    const hint = types.isArrayBuffer(item) ? hintForMemory(item) : hintFor(item);
    if (hint !== undefined) throw refusal({ path: pathOf(index), value: item, verb: 'moved', hint });
  }
}

/** The path of an item of `list` in `move(value, list)`, if the mark stands at `path`. */
export function pathInList(path: string, value: unknown, list: readonly unknown[], index: number): string {
  return list[index] === value ? path : `${path} (item ${index} of its move list)`;
}

/** Node.js 20 lacks this function. */
const { isMarkedAsUntransferable: isMarked } = workerThreads as {
  isMarkedAsUntransferable?: (value: object) => boolean;
};

function hintForMemory(memory: ArrayBuffer): string | undefined {
  if (isMarked?.(memory)) return 'it is marked as untransferable, as the pool is that small Buffers share';
  if (memory.byteLength > 0) return undefined;
  try {
    // Node.js 20 has no other way to detect detached memory.
    memory.slice(0, 0);
    return undefined;
  } catch {
    return 'its memory has moved to another thread, so copy it before it moves';
  }
}

/** Why `item` cannot be transferred; `undefined` if it can, or if only Node.js can tell. */
function hintFor(item: unknown): string | undefined {
  if (types.isSharedArrayBuffer(item)) return 'it is shared already, so leave it out';
  if (ArrayBuffer.isView(item)) return 'name its buffer, which can be moved';
  const isObject = typeof item === 'object' && item !== null;
  const isKnown =
    isObject && [MessagePort, ReadableStream, WritableStream, TransformStream].some((it) => item instanceof it);
  if (isKnown || (isObject && ['port', 'signal'].includes(kindOf(item)))) return undefined;
  return 'only buffers, ports and streams can, so name those in it, as in move(value, [value.bytes.buffer])';
}
