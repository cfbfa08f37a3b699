import { threaded } from 'offloop';

//#region jobs
const step = threaded((n) => n * 2);
//#endregion

let value = 1;
let busy = false;
const timer = setInterval(async () => {
  if (busy) return;
  busy = true;
  const next = value;
  if (next >= 8) {
    clearInterval(timer);
    return;
  }
  value = await step(next);
  console.log(value);
  busy = false;
}, 30);
setImmediate(() => {
  console.log('immediate');
  setTimeout(() => console.log('timeout'), 1).unref();
});

//! works
//! oracle hand
//> immediate
//> timeout
//> 2
//> 4
//> 8
