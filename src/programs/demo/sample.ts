/** Chooses a few of many, the same ones each time. @module */

/**
 * Picks `count` items, each from the middle of one of as many equal stretches, in their order; all items if there are no
 * more than that. Of a sorted list that is a sample with the same spread.
 */
export function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];

  const stretch = items.length / count;
  const middles = Array.from({ length: count }, (_, index) => Math.floor((index + 0.5) * stretch));
  return middles.flatMap((middle) => items.slice(middle, middle + 1));
}
