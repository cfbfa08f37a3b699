/** Memory on its way: `Buffer`s, and what is left of memory that has moved. @module */

import { types } from 'node:util';
import type { Transferable } from 'node:worker_threads';
import { worthMoving } from './copy-bytes.ts';
import type { Walker } from './walker.ts';

/**
 * Gives the bytes that stand for `value`: its own view only, never the pool behind it. Memory that moves or is shared
 * is not copied.
 */
export function packBuffer(value: Buffer, transfer: Set<Transferable>, walker: Walker): Uint8Array {
  assertAttached(value, walker);
  const { buffer, byteOffset, byteLength } = value;
  const stays = buffer instanceof SharedArrayBuffer || transfer.has(buffer);
  if (stays) return new Uint8Array(buffer, byteOffset, byteLength);
  const bytes = new Uint8Array(value);
  if (byteLength >= worthMoving) transfer.add(bytes.buffer);
  return bytes;
}

/** Refuses memory that is gone, with its place; structured clone would only say that there is some. */
export function assertAttached(value: object, walker: Walker): void {
  const memory = ArrayBuffer.isView(value) ? value.buffer : (value as ArrayBuffer | SharedArrayBuffer);
  if (memory.byteLength > 0 || !(memory instanceof ArrayBuffer)) return;
  try {
    // There is no other way to ask on Node 20.
    memory.slice(0, 0);
  } catch {
    throw walker.refusal(value, { hint: 'its memory has moved to another thread, so copy it before it moves' });
  }
}

/** Refuses what structured clone would hand over as it is, where all has to become bytes. */
export function assertBytes(value: object, walker: Walker): void {
  const memory: unknown = ArrayBuffer.isView(value) ? value.buffer : value;
  if (memory instanceof ArrayBuffer || types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value))
    return;
  throw walker.refusal(value, { hint: 'only its bytes would arrive, so hand it over in the arguments of a call' });
}
