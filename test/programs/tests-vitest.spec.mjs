import { expect, test } from 'vitest';
import { threaded } from 'offloop';

const factor = 3;
const times = threaded((n) => n * factor);

test('times', async () => {
  expect(await times(4)).toBe(12);
});

test.each([1, 2])('of %i', async (n) => {
  expect(await times(n)).toBe(n * 3);
});

//! works
//> ok 1 - tests-vitest.spec.mjs > times
//> ok 2 - tests-vitest.spec.mjs > of 1
//> ok 3 - tests-vitest.spec.mjs > of 2
//* child process
