import { threaded } from 'offloop';

//#region jobs
const sortNumbers = threaded((list) => Float64Array.from(list).sort());
//#endregion

async function main() {
  console.log('start');
  const sorted = await sortNumbers([3, 1, 2]);
  console.log([...sorted]);
}

main();

//! works
//> start
//> [ 1, 2, 3 ]
