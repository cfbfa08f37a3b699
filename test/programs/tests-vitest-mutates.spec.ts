import { beforeAll, expect, test } from 'vitest';
import { threaded } from 'offloop';

const settings = { depth: 1 };
const depth = threaded(() => settings.depth);

beforeAll(() => {
  settings.depth = 5;
});

test('depth is what the hook has set', async () => {
  expect(await depth()).toBe(5);
});

//! refused ERR_OFFLOOP_CAPTURE settings
//> ok 1 - tests-vitest-mutates.spec.ts > depth is what the hook has set
//* child process
