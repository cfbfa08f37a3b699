/** Shared memory that can grow; typed here because the types of the oldest supported Node.js lack it. @module */

import { readFileSync } from 'node:fs';

/** Shared memory that grows at its end, for all threads at once. It never shrinks. */
export type GrowableMemory = SharedArrayBuffer & { readonly maxByteLength: number; grow(length: number): void };

const Growable = SharedArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => GrowableMemory;

/**
 * Shared memory of `length` bytes that can grow to `most`: growing reserves addresses, not pages. If the system refuses
 * to reserve that many, `most` is halved until it fits; in the worst case the memory cannot grow.
 */
export function growable(length: number, most: number): GrowableMemory {
  for (let maxByteLength = most; maxByteLength > length; maxByteLength = Math.floor(maxByteLength / 2)) {
    try {
      return new Growable(length, { maxByteLength });
    } catch {
      // A smaller reservation may fit.
    }
  }
  return new SharedArrayBuffer(length) as GrowableMemory;
}

/** The limit on the process's address space in bytes, as set by `ulimit -v`; `undefined` until it is first read. */
let limit: number | undefined;

/**
 * The divisor of the free address space that gives one memory's share: a process that runs out of addresses crashes.
 */
const share = 2 ** 10;

/** How many bytes one of many memories may reserve; `Infinity` unless the system limits the process's address space. */
export function fairShare(): number {
  limit ??= read('/proc/self/limits', /^Max address space +(\d+)/m);
  return limit === Infinity
    ? limit
    : Math.max(0, limit - read('/proc/self/status', /^VmSize:\s*(\d+)/m) * 1024) / share;
}

/** The number that `pattern` finds in the file, or `Infinity` if this system has no such file. */
function read(path: string, pattern: RegExp): number {
  try {
    const [, digits] = pattern.exec(readFileSync(path, 'latin1')) ?? [];
    return digits === undefined ? Infinity : Number(digits);
  } catch {
    return Infinity;
  }
}
