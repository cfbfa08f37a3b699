/** Long tests are shortened for developers; CI runs them in full, with `OFFLOOP_TESTS=full`. @module */

export const isFull: boolean = process.env['OFFLOOP_TESTS'] === 'full';

/** How often something random is tried: a third of `times`, or all of them. */
export function tries(times: number): number {
  return isFull ? times : Math.ceil(times / 3);
}
