/**
 * Long tests are shortened for developers; CI runs them in full on the oldest Node.js, with `OFFLOOP_TESTS=full`.
 * Files named `*.long.test.ts` are left out by a plain `npm test`; with `OFFLOOP_TESTS=short` they run in their short form.
 * @module
 */

export const isFull: boolean = process.env['OFFLOOP_TESTS'] === 'full';

/** How often something random is tried: a sixth of `times`, or all of them. */
export function tries(times: number): number {
  return isFull ? times : Math.ceil(times / 6);
}

/** All `cases`, or one of `of` where developers wait, from all parts of the list. */
export function share<T>(all: readonly T[], of: number): readonly T[] {
  return isFull ? all : all.filter((_, index) => index % of === 0);
}

/** All `cases`, or the first `least` of them where developers wait: each of these costs a process that starts cold. */
export function cases<T>(all: readonly T[], least: number): readonly T[] {
  return isFull ? all : all.slice(0, least);
}
