import assert from 'node:assert/strict';
import test from 'node:test';
import { threaded } from 'offloop';

test('a wrapper made at the top of a suite', async (t) => {
  await t.test('is called', async () => {
    assert.equal(await twice(2), 4);
  });
});

const twice = threaded((n) => n * 2);

//! works
//! node --test-reporter=tap
//> ok 1 - is called
//> ok 1 - a wrapper made at the top of a suite
