import { threaded } from 'offloop';

//#region jobs
const work = threaded((n) => n + 1);
//#endregion

let stopping = false;
process.on('SIGTERM', () => {
  stopping = true;
  console.log('stopping');
});
process.on('exit', (code) => console.log('exit', code));
process.on('uncaughtException', (error) => {
  console.log('uncaught', error.message);
  process.exitCode = 4;
});

const timer = setInterval(async () => {
  if (!stopping) return;
  clearInterval(timer);
  console.log(await work(1));
  throw new Error('last words');
}, 5);
process.kill(process.pid, 'SIGTERM');

//! works
//! exit 4
//> stopping
//> 2
//> uncaught last words
//> exit 4
