import { createInterface } from 'node:readline/promises';
import { threaded } from 'offloop';

const rl = createInterface({ input: process.stdin, output: process.stdout });
const name = await rl.question('Your name? ');
rl.close();
console.log();
const f = threaded(() => `Hello ${name}`);
console.log(await f());

//! refused ERR_OFFLOOP_CAPTURE name
//! stdin "Eve\n"
//> Your name?
//> Hello Eve
