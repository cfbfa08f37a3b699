import { text } from 'node:stream/consumers';
import { threaded } from 'offloop';

const data = JSON.parse(await text(process.stdin));
const total = threaded(() => data.reduce((a, b) => a + b, 0));
console.log(data.length);
console.log(await total());

//! refused ERR_OFFLOOP_CAPTURE data
//! stdin "[1,2,3]"
//> 3
//> 6
