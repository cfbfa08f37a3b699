import { threaded } from 'offloop';

//#region jobs
const L = 10;
const list = [1, 2];
const f = threaded(() => L + list.length);
//#endregion

console.log(L.toLocaleString(), list.join('-'));
console.log(list.toLocaleString());
console.log(await f());

//! works
//> 10 1-2
//> 1,2
//> 12
