import { setup, threaded } from 'offloop';

let engine;
setup(async () => {
  engine = await Promise.resolve({ run: (n) => n * 3 });
});
const run = threaded((n) => engine.run(n));

console.log('set up');
console.log(await run(14));


//! works
//> set up
//> 42
