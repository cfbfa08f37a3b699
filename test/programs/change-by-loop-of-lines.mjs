import { createInterface } from 'node:readline';
import { threaded } from 'offloop';

const rows = [];
for await (const line of createInterface({ input: process.stdin })) rows.push(Number(line));
const total = threaded(() => rows.reduce((a, b) => a + b, 0));
console.log(await total());

//! refused ERR_OFFLOOP_CAPTURE rows
//! stdin "1\n2\n"
//> 3
