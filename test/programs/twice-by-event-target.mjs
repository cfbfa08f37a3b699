import { threaded } from 'offloop';

//#region jobs
const target = new EventTarget();
target.label = 'target';
const work = threaded((n) => `${typeof EventTarget} ${n}`);
//#endregion

target.addEventListener('job', async (event) => {
  console.log(target.label, await work(event.type));
});
target.dispatchEvent(new Event('job'));

//! works
//> target function job
