import { readFileSync } from 'node:fs';
import { threaded } from 'offloop';

//#region jobs
const input = readFileSync(0, 'utf8');
const f = threaded((text) => text.trim().split(/\s+/).length);
//#endregion

console.log(await f(input));

//! works
//! stdin "one two three\n"
//> 3
