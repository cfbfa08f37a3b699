import assert from 'node:assert';
import { threaded } from 'offloop';

const table = new Map();
const look = threaded((key) => table.get(key) ?? 'nothing');

describe('look', () => {
  before(() => {
    table.set('a', 1);
  });
  it('finds what the hook has put there', async () => {
    assert.equal(await look('a'), 1);
  });
});

//! refused ERR_OFFLOOP_CAPTURE table
//> ok 1 look finds what the hook has put there
