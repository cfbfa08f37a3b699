import { setup, threaded } from 'offloop';

//#region jobs
let engine;
setup(async () => {
  engine = await Promise.resolve({ run: (n) => n * 3 });
});
const run = threaded((n) => engine.run(n));
//#endregion

console.log('set up');
console.log(await run(14));

//! works
//> set up
//> 42
