import { fileURLToPath } from 'node:url';
import { threaded } from 'offloop';

//#region jobs
export const double = threaded(function double(n) {
  return n * 2;
});
//#endregion

export async function run() {
  console.log(await Promise.all([1, 2, 3].map((n) => double(n))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await run();
}

//! works
//> [ 2, 4, 6 ]
