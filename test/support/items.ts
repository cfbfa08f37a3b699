/** Things to iterate over that tell how they were used. @module */

export interface Items<T> extends Iterable<T> {
  /** How many were pulled. */
  readonly pulled: number;

  /** Whether nobody will pull another one. */
  readonly isClosed: boolean;

  /** The same, one turn later each. */
  later(): AsyncGenerator<T>;
}

/** As many as `length` says, each what `make` makes of its number; it may throw instead. */
export function items(length?: number): Items<number>;
export function items<T>(length: number, make: (n: number) => T): Items<T>;
export function items(length = Infinity, make: (n: number) => unknown = (n) => n): Items<unknown> {
  const it = {
    pulled: 0,
    isClosed: false,
    *[Symbol.iterator]() {
      try {
        while (it.pulled < length) yield make((it.pulled += 1) - 1);
      } finally {
        it.isClosed = true;
      }
    },
    async *later() {
      for (const item of it) {
        await Promise.resolve();
        yield item;
      }
    },
  };
  return it;
}

/** Items of which the first one never comes. */
export async function* silent(): AsyncGenerator<number> {
  await new Promise(() => undefined);
  yield 1;
}

/** Everything that `results` give. */
export async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}

/** The items of `results` until it throws, and the error. */
export async function untilThrown(results: AsyncIterable<unknown>): Promise<{ list: unknown[]; thrown: unknown }> {
  const list: unknown[] = [];
  try {
    for await (const result of results) list.push(result);
  } catch (thrown) {
    return { list, thrown };
  }
  return { list, thrown: undefined };
}
