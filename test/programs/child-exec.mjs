import { execFileSync } from 'node:child_process';
import { threaded } from 'offloop';

const version = execFileSync(process.execPath, ['-p', '1 + 1']).toString().trim();
console.log('child', version);
const f = threaded((n) => n + 1);
console.log(await f(Number(version)));

//! works
//> child 2
//> 3
//* child process
