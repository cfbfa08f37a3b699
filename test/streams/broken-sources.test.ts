/** Iterables that break the language's own protocol. @module */

import { eventsOf, merge, stream } from 'offloop/streams';
import { describe, expect, test } from 'vitest';

const refused = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;

const broken: Readonly<Record<string, () => object>> = {
  'makes null': () => ({ [Symbol.asyncIterator]: () => null }),
  'makes what has no next()': () => ({ [Symbol.asyncIterator]: () => ({}) }),
  'makes null at once': () => ({ [Symbol.iterator]: () => null }),
  'makes at once what has no next()': () => ({ [Symbol.iterator]: () => ({}) }),
  'has steps that are no objects': () => ({ [Symbol.asyncIterator]: () => ({ next: async () => 1 }) }),
  'has steps at once that are no objects': () => ({ [Symbol.iterator]: () => ({ next: () => undefined }) }),
};

describe.each(Object.entries(broken))('a source that %s', (_, make) => {
  const source = (): Iterable<number> => make() as Iterable<number>;

  test('fails a stream with a code', async () => {
    await expect(stream(source()).toArray()).rejects.toThrow(refused);
    await expect(merge([1], source()).toArray()).rejects.toThrow(refused);
    await expect(stream(eventsOf(source())).toArray()).rejects.toThrow(refused);
  });

  test('fails flatMap with a code, and the source before it is closed', async () => {
    let isClosed = false;
    async function* outer(): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        isClosed = true;
      }
    }

    await expect(
      stream(outer())
        .flatMap(() => source())
        .toArray(),
    ).rejects.toThrow(refused);
    expect(isClosed).toBe(true);
  });
});
