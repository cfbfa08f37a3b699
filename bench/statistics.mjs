/** Medians and quartiles. @module */

/** The three quartiles. */
export function quartiles(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => {
    const place = (sorted.length - 1) * part;
    const below = sorted[Math.floor(place)];
    return below + (sorted[Math.ceil(place)] - below) * (place % 1);
  });
  return { low, middle, high };
}

/** Whether the interquartile ranges of two results overlap, so that their order is not significant. */
export function isTie(a, b) {
  return a.low <= b.high && b.low <= a.high;
}
