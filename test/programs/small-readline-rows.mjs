import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { threaded } from 'offloop';

const rows = [];
const rl = createInterface({ input: process.stdin });
rl.on('line', (line) => rows.push(line));
const f = threaded(() => rows.length);
await once(rl, 'close');
console.log(await f());

//! refused ERR_OFFLOOP_CAPTURE rows
//! stdin "a\nb\nc\n"
//> 3
