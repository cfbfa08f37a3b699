/** Packs `Buffer`s, and refuses memory that is detached. @module */

import { types } from 'node:util';
import type { Transferable } from 'node:worker_threads';
import { worthMoving } from '../memory/copy-bytes.ts';
import type { Walker } from './walker.ts';

/**
 * Gives a `Uint8Array` with the bytes of `value`: only its own view, never the pool behind it. Memory that is
 * transferred or shared is not copied.
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

/** Refuses detached memory with its path; the error of structured clone would not say where it is. */
export function assertAttached(value: object, walker: Walker): void {
  const memory = ArrayBuffer.isView(value) ? value.buffer : (value as ArrayBuffer | SharedArrayBuffer);
  if (memory.byteLength > 0 || !(memory instanceof ArrayBuffer)) return;
  try {
    // Node.js 20 has no other way to detect detached memory.
    memory.slice(0, 0);
  } catch {
    throw walker.refusal(value, { hint: 'its memory has moved to another thread, so copy it before it moves' });
  }
}

/** When values become bytes: refuses an object that structured clone would pass on in a way that bytes cannot. */
export function assertBytes(value: object, walker: Walker): void {
  const memory: unknown = ArrayBuffer.isView(value) ? value.buffer : value;
  if (memory instanceof ArrayBuffer || types.isDate(value) || types.isRegExp(value) || types.isBoxedPrimitive(value))
    return;
  throw walker.refusal(value, { hint: 'only its bytes would arrive, so hand it over in the arguments of a call' });
}
