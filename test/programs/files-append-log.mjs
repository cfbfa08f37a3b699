import { appendFileSync, readFileSync } from 'node:fs';
import { threaded } from 'offloop';

const entries = [];
function audit(text) {
  entries.push(text);
  appendFileSync('audit.log', `${entries.length} ${text}\n`);
}

audit('start');
const f = threaded((n) => n * 2);
audit(`result ${await f(4)}`);
process.on('exit', () => {
  audit('exit');
  process.stdout.write(readFileSync('audit.log', 'utf8'));
});

//! works
//> 1 start
//> 2 result 8
//> 3 exit
//* appendFile audit.log
//* appendFile audit.log
//* appendFile audit.log
//+ audit.log cedd2b17
