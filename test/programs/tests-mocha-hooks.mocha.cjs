const { strictEqual } = require('node:assert');
const { threaded } = require('offloop');

const limits = { max: 3 };
const clamp = threaded((n) => Math.min(n, limits.max));

describe('clamp', () => {
  let seen;
  beforeEach(() => {
    seen = [];
  });
  it('leaves small numbers', async () => {
    seen.push(await clamp(2));
    strictEqual(seen.join(), '2');
  });
  it('cuts large numbers', async () => {
    seen.push(await clamp(20), await clamp(3));
    strictEqual(seen.join(), '3,3');
  });
});

//! works
//> ok 1 clamp leaves small numbers
//> ok 2 clamp cuts large numbers
