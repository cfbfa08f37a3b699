import assert from 'node:assert';
import { threaded } from 'offloop';

//#region jobs
const roman = threaded(function roman(n) {
  const table = [
    [10, 'X'],
    [9, 'IX'],
    [5, 'V'],
    [4, 'IV'],
    [1, 'I'],
  ];
  let out = '';
  for (const [value, sign] of table) {
    while (n >= value) {
      out += sign;
      n -= value;
    }
  }
  return out;
});
//#endregion

describe('roman', function () {
  this.timeout(20_000);
  for (const [n, expected] of [
    [4, 'IV'],
    [19, 'XIX'],
  ]) {
    it(`writes ${n}`, async () => {
      assert.equal(await roman(n), expected);
    });
  }
});

//! works
//> ok 1 roman writes 4
//> ok 2 roman writes 19
