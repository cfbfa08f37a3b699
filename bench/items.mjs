/** The items that the generators of `jobs.mjs` yield. @module */

const KiB = 1024;

export const chunkSize = 64 * KiB;

export function recordAt(i) {
  return { id: i, name: `item ${i}`, tags: ['red', 'round', 'new'], point: { x: i, y: 0.5 } };
}

/** A chunk, whose bytes are all the lowest byte of `i`. */
export function chunkAt(i) {
  return new Uint8Array(chunkSize).fill(i);
}
