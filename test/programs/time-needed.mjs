import { threaded } from 'offloop';

//#region jobs
const started = Date.now();
const elapsed = threaded(() => Date.now() - started >= 0);
//#endregion

console.log(await elapsed());

//! works
//> true
