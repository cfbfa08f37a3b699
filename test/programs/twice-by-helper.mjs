import { threaded } from 'offloop';

//#region jobs
const results = [];
const work = threaded((n) => n * results.length + n);
//#endregion

function each(list, fn) {
  return list.reduce((before, item) => before.then(() => fn(item)), Promise.resolve());
}
async function show(n) {
  console.log(n, await work(n));
}
await each([1, 2], show);

//! works
//> 1 1
//> 2 2
