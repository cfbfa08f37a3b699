import { threaded } from 'offloop';

const cases = [];
function describe(name, body) {
  console.log('suite', name);
  body();
}
function test(name, body) {
  cases.push([name, body]);
}
describe('maths', () => {
  const add = threaded((a, b) => a + b);
  test('adds', async () => (await add(1, 2)) === 3);
});
for (const [name, body] of cases) console.log((await body()) ? 'ok' : 'not ok', name);

//! works
//> suite maths
//> ok adds
