import { threaded } from 'offloop';

const f = threaded((n) => n);
const r = await f.with({ key: 'a' })(5);
console.log(r);




//! works
//> 5
