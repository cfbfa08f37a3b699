import { threaded } from 'offloop';

//#region jobs
const f = threaded((n) => n + 1);
//#endregion

let once = false;
process.on('beforeExit', async (code) => {
  if (once) return;
  once = true;
  console.log('before exit', code, await f(1));
});
process.on('unhandledRejection', (reason) => {
  console.log('unhandled', reason.message);
});
Promise.reject(new Error('nobody cares'));

//! works
//> unhandled nobody cares
//> before exit 0 2
