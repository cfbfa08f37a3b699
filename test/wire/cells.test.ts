/** The fields of a lane's shared memory. @module */

import { expect, test } from 'vitest';
import { LaneWord, cellCount, keptSenders } from '../../src/wire/control.ts';

test('no two things stand in one field, and all of them have one', () => {
  const { senders, ...single } = LaneWord;
  const fields = Object.values(single);

  expect(new Set(fields).size).toBe(fields.length);
  expect(Math.max(...fields)).toBeLessThan(senders);
  expect(senders + keptSenders).toBe(cellCount);
});
