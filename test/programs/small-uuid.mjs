import { randomUUID } from 'node:crypto';
import { threaded } from 'offloop';

const session = randomUUID();
const tag = threaded((text) => `${session}:${text}`);
console.log((await tag('x')) === `${session}:x`);

//! refused ERR_OFFLOOP_CAPTURE session
//> true
