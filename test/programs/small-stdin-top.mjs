import { readFileSync } from 'node:fs';
import { threaded } from 'offloop';

const input = readFileSync(0, 'utf8');
const f = threaded(() => input.trim().split(/\s+/).length);
console.log('bytes', input.length);
console.log(await f());

//! refused ERR_OFFLOOP_CAPTURE input
//! stdin "one two three\n"
//> bytes 14
//> 3
