import assert from 'node:assert/strict';
import { describe, it, before, after } from 'node:test';
import { threaded } from 'offloop';

//#region jobs
const median = threaded(function median(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
});
//#endregion

describe('median', () => {
  let calls = 0;
  before(() => {
    calls = 0;
  });
  after(() => assert.equal(calls, 2));

  it('of three', async () => {
    calls += 1;
    assert.equal(await median([3, 1, 2]), 2);
  });
  it('of one', async () => {
    calls += 1;
    assert.equal(await median([7]), 7);
  });
});

//! works
//! node --test-reporter=tap
//> ok 1 - of three
//> ok 2 - of one
//> ok 1 - median
