import { threaded } from 'offloop';

//#region jobs
function make() {
  const values = new Map();
  return { set: (key, value) => values.set(key, value), get: (key) => values.get(key) };
}
const { set, get } = make();
set('a', 1);
const f = threaded((key) => get(key));
//#endregion

console.log(await f('a'));

//! works
//> 1
