import { threaded } from 'offloop';

//#region jobs
const f = threaded((n) => n);
//#endregion

const r = await f.with({ key: 'a' })(5);
console.log(r);

//! works
//> 5
