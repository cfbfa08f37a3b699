/** Takes items of iterators. @module */

/** All items of `source`, at most `most`; then it is closed, as `break` does. */
export async function take<T>(source: AsyncIterable<T>, most = Infinity): Promise<T[]> {
  const items: T[] = [];
  if (most === 0) return items;
  for await (const item of source) if (items.push(item) >= most) break;
  return items;
}

/** All items, and what comes after the last of them. */
export async function takeToEnd(source: AsyncIterator<unknown>): Promise<{ items: unknown[]; end: unknown }> {
  const items: unknown[] = [];
  try {
    for (;;) {
      const step = await source.next();
      if (step.done) return { items, end: step.value };
      items.push(step.value);
    }
  } catch (error) {
    return { items, end: error };
  }
}
