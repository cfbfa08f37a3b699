/** Shared memory that grows: the floor's types do not know it, which all supported versions of Node.js have. @module */

/** Memory of which more comes into being at its end, for all threads at once. It never shrinks. */
export type GrowableMemory = SharedArrayBuffer & { readonly maxByteLength: number; grow(length: number): void };

const Growable = SharedArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => GrowableMemory;

/** Memory of `length` bytes, which can grow to `most`: so many addresses are taken, and no pages for them. */
export function growable(length: number, most: number): GrowableMemory {
  return new Growable(length, { maxByteLength: most });
}
