import { execFileSync } from 'node:child_process';
import { threaded } from 'offloop';

const base = Number(execFileSync(process.execPath, ['-p', '40']).toString());
const f = threaded((n) => n + base);
console.log(await f(2));

//! refused ERR_OFFLOOP_CAPTURE base
//> 42
//* child process
