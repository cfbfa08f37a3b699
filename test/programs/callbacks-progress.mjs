import { threaded } from 'offloop';

//#region jobs
const total = threaded(async function total(list, onProgress) {
  let sum = 0;
  for (const [i, n] of list.entries()) {
    sum += n;
    await onProgress(i + 1, list.length);
  }
  return sum;
});
//#endregion

const steps = [];
const sum = await total([1, 2, 3], (done, all) => {
  steps.push(`${done}/${all}`);
  console.log(steps.at(-1));
});
console.log(sum, steps.length);

//! works
//> 1/3
//> 2/3
//> 3/3
//> 6 3
