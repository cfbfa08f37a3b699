import { isMainThread } from 'node:worker_threads';
import { threaded } from 'offloop';

//#region jobs
const table = new Map();
table.set('a', 1);
const f = threaded((key) => table.get(key));
//#endregion

if (isMainThread) {
  console.log(await f('a'));
}

//! works
//> 1
