import { threaded, ThreadPool } from 'offloop';

//#region jobs
const pool = new ThreadPool({ size: 2, name: 'own' });
const work = threaded({ pool })(function work(n) {
  return n * n;
});
//#endregion

for await (const value of pool.map([1, 2, 3], work)) console.log(value);
console.log(await work(9));
await pool.close();
console.log('closed');

//! works
//> 1
//> 4
//> 9
//> 81
//> closed
