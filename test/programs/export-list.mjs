import { threaded } from 'offloop';

//#region jobs
const options = { depth: 1 };
const total = threaded((n) => n + options.depth);
//#endregion

let calls = 0;

async function main() {
  calls += 1;
  console.log(await total(1));
  console.log('calls', calls);
}

export { total, options as settings, calls };
export * as path from 'node:path';

await main();

//! works
//> 2
//> calls 1
