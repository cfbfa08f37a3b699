import { threaded, ThreadPool } from 'offloop';

//#region jobs
export const pool = new ThreadPool({ size: 1 });
let warmed = 0;
const warm = threaded({ pool })(() => (warmed += 1));
export const job = threaded({ pool })((n) => n + 1);
//#endregion

await pool.runOnAll(warm);
console.log(await job(1));
await pool.close();

//! works
//> 2
