import { threaded } from 'offloop';

//#region jobs
const c = {
  n: 1,
  async each(list, fn) {
    for (const item of list) await fn(item);
  },
};
const f = threaded(() => c.n);
//#endregion

await c.each([1], async () => console.log(await f()));

//! works
//> 1
