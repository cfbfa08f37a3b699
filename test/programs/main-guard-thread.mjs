import { isMainThread } from 'node:worker_threads';
import { threaded } from 'offloop';

const table = new Map();
table.set('a', 1);
const f = threaded((key) => table.get(key));

if (isMainThread) {
  console.log(await f('a'));
}


//! works
//> 1
