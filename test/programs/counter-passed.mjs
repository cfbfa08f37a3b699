import { threaded } from 'offloop';

let factor = 2;
const scale = threaded((n, by) => n * by);

console.log(await scale(1, factor));
factor = 10;
console.log(await scale(1, factor));

//! works
//> 2
//> 10
