import { threaded } from 'offloop';

//#region jobs
class A {}
class B {}
for (const model of [A, B]) model.table = model.name.toLowerCase();
const f = threaded(() => [A.table, B.table]);
//#endregion

console.log(await f());

//! works
//> [ 'a', 'b' ]
