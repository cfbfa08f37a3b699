import { appendFileSync } from 'node:fs';
import { threaded } from 'offloop';

const entries = [];
function audit(text) {
  entries.push(text);
  appendFileSync('audit.log', `${text}\n`);
}

audit('start');
audit('again');
const f = threaded(() => entries.length);
console.log(await f());

//! refused ERR_OFFLOOP_CAPTURE entries
//> 2
//* appendFile audit.log
//* appendFile audit.log
//+ audit.log 2a24c66b
