/** Options are own properties: what somebody has put on `Object.prototype` is none, for nothing that takes options. @module */

import { expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

const buffer = (byte: number): object => ({ type: 'Buffer', data: [byte] });

const calls = {
  threaded: [3, 3, 8, [null, 2, true], '[threaded: (anonymous)]'],
  with: [3, 3],
  threadedIterable: [
    [{ i: 0, bytes: buffer(0) }],
    [
      { i: 0, bytes: buffer(0) },
      { i: 1, bytes: buffer(1) },
    ],
  ],
  IteratorWrapper: [0, 1],
  context: [5, { s: 1 }],
  coroutine: [4, 1],
  offload: 'b',
  sendable: 'Point',
  values: ['url', 'error'],
  file: 'a.txt',
  move: 10,
  errors: ['TypeError', 'told', 1, false],
  callbacks: 10,
  configure: 'done',
};

const more = {
  threadedSeparate: [
    [null, 2, true],
    [null, 2, true],
  ],
  threadedIterableSeparate: [0, 1],
  IteratorWrapperSeparate: [0],
  syncIterate: 6,
  Channel: [[1, { a: [2] }], 3],
  locks: 'locked',
  ThreadPool: [[2, 4], [[null, 2, true]], 3],
  plainPool: [3, true],
};

test('what was put on Object.prototype acts as an option of nothing', async () => {
  const { lines, stderr } = await run(fixture('polluted/main.mjs'));
  const found = Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, unknown]));
  const withSignal = Object.entries(calls).map(([name, value]) => [`signal ${name}`, value]);

  expect(stderr).toBe('');
  expect(found).toEqual({ ...calls, ...more, ...Object.fromEntries(withSignal) });
});
