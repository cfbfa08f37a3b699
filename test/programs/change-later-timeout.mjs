import { threaded } from 'offloop';

const flags = { ready: false };
const ready = threaded(() => flags.ready);

setTimeout(() => {
  flags.ready = true;
}, 1);
await new Promise((resolve) => setTimeout(resolve, 20));
console.log(flags.ready, await ready());

//! refused ERR_OFFLOOP_CAPTURE flags
//> true true
