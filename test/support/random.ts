/** Random numbers that are the same each time. @module */

/** A source of whole numbers from 0, below the one that is asked for. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    // The lowest bits of such a generator repeat soon.
    return Math.floor((state / 0x80000000) * below);
  };
}
