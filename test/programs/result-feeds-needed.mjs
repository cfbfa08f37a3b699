import { threaded } from 'offloop';

const first = threaded((n) => n + 1);
const base = await first(1);
const second = threaded((n) => n + base);
console.log('base', base);
console.log(await second(1));

//! refused ERR_OFFLOOP_CAPTURE base
//> base 2
//> 3
