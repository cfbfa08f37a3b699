/** Functions that a factory makes, in modules that register them in another order in threads. @module */

import { expect, test } from 'vitest';
import { fixture, run } from '../../support/run.ts';

test('functions of one factory are told apart, whatever the order in which a thread registers them', async () => {
  const { lines, stderr } = await run(fixture('twins/main.mjs'));

  expect(stderr).toBe('');
  expect(lines).toEqual([
    'branches [20,30,50]',
    'mapped [20,30,50]',
    'items [20,30,50]',
    'timed [[10,2,"0"],[10,0,"1"],[10,2,"1"]]',
    'deeper [120,130,150]',
    'commonjs [20,30,50]',
    'fewer ["ERR_OFFLOOP_CAPTURE","ERR_OFFLOOP_CAPTURE",130]',
    'of another module ["ERR_OFFLOOP_CAPTURE",true]',
    'late ["ERR_OFFLOOP_CAPTURE",true]',
  ]);
});

test('a call loads no module of Node.js that it can do without, also of a function that is wrapped twice', async () => {
  const { lines, stderr } = await run(fixture('twins/same.mjs'));

  // The inspector would tell twins apart.
  expect({ lines, stderr }).toEqual({ lines: ['[[],[],[]]'], stderr: '' });
});
