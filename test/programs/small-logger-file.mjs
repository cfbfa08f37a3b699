import { createWriteStream } from 'node:fs';
import { threaded } from 'offloop';

const out = createWriteStream('app.log');
const log = (text) => out.write(`${text}\n`);
log('starting');
const f = threaded((n) => {
  log(`f of ${n}`);
  return n + 1;
});
console.log(await f(1));
out.end();

//! refused ERR_OFFLOOP_CAPTURE out setup
//> 2
//* createWriteStream app.log
//* open app.log
//+ app.log 72bc482a
