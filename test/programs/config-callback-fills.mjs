import { threaded } from 'offloop';

const flags = new Set();
const has = threaded((name) => flags.has(name));

process.nextTick(async () => {
  flags.add('fast');
  console.log(await has('fast'));
});

//! refused ERR_OFFLOOP_CAPTURE flags
//> true
