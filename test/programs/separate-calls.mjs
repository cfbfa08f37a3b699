import { threadedSeparate } from 'offloop';

//#region jobs
let calls = 0;
const count = threadedSeparate(() => (calls += 1));
//#endregion

console.log(await count());
console.log(await count());

//! works
//! oracle split
//> 1
//> 1
