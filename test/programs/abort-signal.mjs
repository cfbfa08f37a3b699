import { threaded } from 'offloop';

//#region jobs
const spin = threaded(function spin() {
  for (;;);
});
const quick = threaded((n) => n);
//#endregion

const controller = new AbortController();
const pending = spin.with({ signal: controller.signal })();
setTimeout(() => controller.abort(new Error('stop')), 200);
await pending.catch((error) => console.log('aborted:', error.message));
console.log(await quick(1));

//! works
//! oracle split
//> aborted: stop
//> 1
