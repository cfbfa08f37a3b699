import { setTimeout } from 'node:timers/promises';
import { threaded } from 'offloop';

let phase = 'starting';
const where = threaded(() => phase);

console.log(await where());
await setTimeout(1);
phase = 'running';
console.log(await where());

//! refused ERR_OFFLOOP_CAPTURE phase
//> starting
//> running
