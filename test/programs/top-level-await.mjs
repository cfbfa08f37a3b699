import { threaded } from 'offloop';

//#region jobs
const power = threaded((base, exponent) => base ** exponent);
//#endregion

const first = await power(2, 10);
console.log(first);
const second = await power(first, 2);
console.log(second);
export { first };

//! works
//> 1024
//> 1048576
