/** Resizable memory, and views that track its length; the types of the oldest supported Node.js lack both. @module */

import { structuredClone } from '../../base/intrinsics.ts';

interface Resizable extends ArrayBuffer {
  readonly resizable: boolean;
  readonly maxByteLength: number;
  resize(length: number): void;
}

const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;

/** How many bytes all memory of one graph may grow to: that many addresses are reserved, even for untrusted bytes. */
export const mostReserved: number = 2 ** 32;

/** How many bytes `memory` can grow to; `undefined` if its length is fixed. */
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

/** Whether `view` tracks the length of its memory. This shows only when the memory is resized, so a copy is tried. */
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
    // The copy is a `DataView` that is out of bounds and has no length.
    return false;
  }
}
