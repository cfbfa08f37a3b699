/** What the iterables of others do to the protocol of iterators. @module */

import { configure, ThreadPool } from 'offloop';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { done, withoutIterator, withoutStep } from '../fixtures/jobs/broken-iterables.mjs';
import { fact } from '../fixtures/jobs/basics.mjs';

const refused = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;
const pool = new ThreadPool({ size: 1 });
afterAll(async () => pool.close());
afterEach(() => configure({ inline: false }));

describe.each([
  ['in a thread', false],
  ['inline', true],
])('an iterable %s', (_, inline) => {
  const read = async (of: unknown, isAsync: boolean): Promise<unknown[]> => {
    configure({ inline });
    const items: unknown[] = [];
    const call = of as { with(options: object): (isAsync: boolean) => AsyncIterable<unknown> };
    for await (const item of call.with({ pool })(isAsync)) {
      items.push(item);
      if (items.length > 10) break;
    }
    return items;
  };

  test.each([true, false])(
    'fails with a code where it makes no iterator, or its steps are none (async: %s)',
    async (is) => {
      await expect(read(withoutIterator, is)).rejects.toThrow(refused);
      await expect(read(withoutStep, is)).rejects.toThrow(refused);
    },
  );

  test.each([true, false])('is done with whatever counts as true (async: %s)', async (isAsync) => {
    expect(await read(done, isAsync)).toEqual([1, 2, 3]);
  });
});

test('the items of a pool’s map fail with a code, too', async () => {
  const steps = { [Symbol.iterator]: () => ({ next: () => 1 as never }) };
  const none = { [Symbol.iterator]: () => null as never };
  for (const items of [steps, none]) {
    const mapped = pool.map(items as Iterable<number>, fact);
    await expect(mapped.next()).rejects.toThrow(refused);
  }
});
