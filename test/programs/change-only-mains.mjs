import { threaded } from 'offloop';

//#region jobs
const state = { done: 0, failed: [] };
const work = threaded((n) => {
  if (n === 2) throw new Error('two');
  return n;
});
//#endregion

async function run(n) {
  try {
    await work(n);
    state.done += 1;
  } catch (error) {
    state.failed.push(error.message);
  }
}
await Promise.all([1, 2, 3].map(run));
console.log(state);

//! works
//> { done: 2, failed: [ 'two' ] }
