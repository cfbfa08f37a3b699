import { setTimeout } from 'node:timers/promises';
import { threaded } from 'offloop';

//#region jobs
const seen = new Set();
async function visit(name) {
  await setTimeout(1);
  seen.add(name);
}
await visit('a');
await Promise.all(['b', 'c'].map(visit));
const f = threaded(() => [...seen].sort().join());
//#endregion

console.log(await f());

//! works
//> a,b,c
