import { threaded } from 'offloop';

const started = Date.now();
const elapsed = threaded(() => Date.now() - started >= 0);
console.log(await elapsed());


//! works
//> true
