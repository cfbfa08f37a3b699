/** A closed pool leaves nothing behind, in a process that makes one pool after the other. @module */

import { expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

test('pools that come and go leave no pool, no thread, no port and no timer', async () => {
  const { code, lines } = await run(fixture('exits/come-and-go.mjs'), {
    nodeArgs: ['--no-warnings', '--expose-gc'],
  });

  expect([code, ...lines]).toEqual([0, '{"pools":0,"threads":0,"ports":0,"timers":0}']);
});
