import assert from 'node:assert';
import util from 'node:util';
import { threaded } from 'offloop';

//#region jobs
const table = { a: [1, 2], b: [3] };
const total = (lists) => Object.values(lists).flat().reduce((x, y) => x + y, 0);
const f = threaded(() => total(table));
//#endregion

async function main() {
  assert.deepEqual(Object.keys(table), ['a', 'b']);
  console.log(util.inspect(table, { compact: true, breakLength: Infinity }), total(table));
  console.table;
  console.log('%o', table.b.length, util.format('%j', table));
  console.log(await f());
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});

//! works
//> { a: [ 1, 2 ], b: [ 3 ] } 6
//> 1 {"a":[1,2],"b":[3]}
//> 6
