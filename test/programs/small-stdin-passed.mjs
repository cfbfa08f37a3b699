import { readFileSync } from 'node:fs';
import { threaded } from 'offloop';

const input = readFileSync(0, 'utf8');
const f = threaded((text) => text.trim().split(/\s+/).length);
console.log(await f(input));



//! works
//! stdin "one two three\n"
//> 3
