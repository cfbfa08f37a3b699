import { threaded } from 'offloop';

let factor = 2;
const scale = threaded((n) => n * factor);

console.log(await scale(1));
factor = 10;
console.log(await scale(1));

//! refused ERR_OFFLOOP_CAPTURE factor
//> 2
//> 10
