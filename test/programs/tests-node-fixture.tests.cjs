const assert = require('node:assert');
const { test, beforeEach } = require('node:test');
const { threaded } = require('offloop');

const fixtures = { small: [1, 2, 3], large: Array.from({ length: 100 }, (_, i) => i) };
const sum = threaded((name) => fixtures[name].reduce((a, b) => a + b, 0));
let counter = 0;
beforeEach(() => {
  counter += 1;
});

for (const [name, expected] of [
  ['small', 6],
  ['large', 4950],
]) {
  test(`sum of ${name}`, async () => {
    assert.equal(await sum(name), expected);
  });
}
test('hooks ran', () => assert.ok(counter >= 3));

//! works
//! node --test-reporter=tap
//> ok 1 - sum of small
//> ok 2 - sum of large
//> ok 3 - hooks ran
