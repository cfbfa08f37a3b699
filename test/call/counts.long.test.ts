/**
 * The cost of calls and items in counts, which do not depend on the speed or load of the machine as times do. @module
 */

import { expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

/** The counts that the program `name` of the fixtures prints. */
async function counted(name: string, nodeArgs: readonly string[] = []): Promise<unknown> {
  const { code, stderr, stdout } = await run(fixture(`cost/${name}.mjs`), { nodeArgs });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** A number from 0 up to `most`. */
const atMost = (most: number): unknown => ({
  asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= 0 && value <= most,
  toString: () => `at most ${most}`,
});

test('20,000 short calls of one turn cost a few hundred messages each way, calls in series one each way, 64 at a time less', async () => {
  // Found: 79 to 101 down, 66 to 89 up, on Node.js 20 to 26, idle and with a busy neighbour.
  expect(await counted('calls')).toEqual({
    sum: 200_010_000,
    atOnce: [atMost(400), atMost(400)],
    inSeries: [500, 500],
    inLine: [atMost(2000), atMost(2000)],
  });
});

test('small objects of short calls are not cloned as objects, at once or in series', async () => {
  // Found: none, but for up to 13 calls after a pause of the thread; 102 to 206 messages each way. Structured clone
  // would make 40,000 and 1000 objects each way.
  expect(await counted('objects')).toEqual({
    sum: 200_010_000,
    posts: [atMost(600), atMost(600)],
    atOnce: [atMost(1000), atMost(1000)],
    inSeries: [atMost(400), atMost(400)],
    heldUp: [atMost(1000), atMost(1000)],
  });
});

test('100,000 items cost a few hundred wake-ups: two each time the stream is full', async () => {
  // Found: 50 to 160 wake-ups and 25 to 253 messages where both ends run freely; 22 to 200, and 2 to 12 messages, where
  // the stream fills up.
  expect(await counted('items')).toEqual({
    free: { taken: 100_000, wakes: atMost(2000), messages: atMost(2000) },
    full: { taken: 100_000, wakes: atMost(400), messages: atMost(50) },
  });
});

test('a call takes about a kilobyte of the heap while it is out, and leaves nothing', async () => {
  // So large that nothing is collected while it is counted.
  const space = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

  // Found: 1,081 to 1,296 bytes. What is kept is that of 225,000 calls together.
  expect(await counted('allocations', ['--expose-gc', ...space])).toEqual({
    taken: atMost(2600),
    kept: expect.toSatisfy((kept: number) => kept < 2 ** 20),
  });
});

test('large bytes are copied once, by the end that sends them, and not at all if they move or are shared', async () => {
  // How often main and the thread copy all of 8 MiB.
  expect(await counted('copies')).toEqual({
    sent: [1, 0],
    transferred: [0, 0],
    shared: [0, 0],
    returned: [0, 1],
    moved: [0, 0],
    left: [true, 0],
  });
});

test('the package that owns the threads of pools is loaded with the first of them, and not before', async () => {
  expect(await counted('packages')).toEqual([false, true]);
});
