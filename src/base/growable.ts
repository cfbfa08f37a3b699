/** Shared memory that grows: the floor's types do not know it, which all supported versions of Node.js have. @module */

import { readFileSync } from 'node:fs';

/** Memory of which more comes into being at its end, for all threads at once. It never shrinks. */
export type GrowableMemory = SharedArrayBuffer & { readonly maxByteLength: number; grow(length: number): void };

const Growable = SharedArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => GrowableMemory;

/**
 * Memory of `length` bytes, which can grow to `most`: so many addresses are taken, and no pages for them. Where the system
 * has no room for so many, it is half of that, and so on; memory that can grow to nothing is as long as it is.
 */
export function growable(length: number, most: number): GrowableMemory {
  for (let maxByteLength = most; maxByteLength > length; maxByteLength = Math.floor(maxByteLength / 2)) {
    try {
      return new Growable(length, { maxByteLength });
    } catch {
      // There may be room for less.
    }
  }
  return new SharedArrayBuffer(length) as GrowableMemory;
}

/** How many bytes of addresses the process may have, as `ulimit -v` says, once that was asked. */
let limit: number | undefined;

/** Which part of the addresses that are left one memory may take: who takes the last of them ends the process. */
const share = 2 ** 10;

/** How many bytes one of many memories may reserve: `Infinity`, unless the system limits the addresses of the process. */
export function fairShare(): number {
  limit ??= read('/proc/self/limits', /^Max address space +(\d+)/m);
  return limit === Infinity
    ? limit
    : Math.max(0, limit - read('/proc/self/status', /^VmSize:\s*(\d+)/m) * 1024) / share;
}

/** The number that `pattern` finds in a file that not every system has. */
function read(path: string, pattern: RegExp): number {
  try {
    const [, digits] = pattern.exec(readFileSync(path, 'latin1')) ?? [];
    return digits === undefined ? Infinity : Number(digits);
  } catch {
    return Infinity;
  }
}
