/** Memory that can become larger and smaller, and views that follow it. The floor's types know neither. @module */

import { structuredClone } from '../../base/intrinsics.ts';

interface Resizable extends ArrayBuffer {
  readonly resizable: boolean;
  readonly maxByteLength: number;
  resize(length: number): void;
}

const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;

/** To how many bytes all memory of one graph may grow: so much is reserved, whoever has made the bytes. */
export const mostReserved: number = 2 ** 32;

/** To how many bytes `memory` can grow; `undefined` if it stays as it is. */
export function growthOf(memory: ArrayBuffer): number | undefined {
  const { resizable, maxByteLength } = memory as Resizable;
  return resizable ? maxByteLength : undefined;
}

/** A copy of `bytes` that can grow to `most` bytes. */
export function makeResizable(bytes: Uint8Array, most: number): ArrayBuffer {
  const memory = new Resizable(bytes.length, { maxByteLength: most });
  new Uint8Array(memory).set(bytes);
  return memory;
}

/** Whether `view` goes to the end of its memory wherever that is, which only a change of the memory shows. */
export function isTracking(view: ArrayBufferView): boolean {
  if (growthOf(view.buffer as ArrayBuffer) === undefined) return false;
  const copy = structuredClone(view);
  const memory = copy.buffer as Resizable;
  const { byteLength, maxByteLength } = memory;
  const step = (view as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1;
  const before = copy.byteLength;
  try {
    memory.resize(maxByteLength >= byteLength + step ? byteLength + step : Math.max(0, byteLength - step));
    return copy.byteLength !== before && (copy.byteLength > 0 || copy.byteOffset > 0);
  } catch {
    // A `DataView` beyond its memory has no length.
    return false;
  }
}
