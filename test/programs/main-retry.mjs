import { setTimeout as sleep } from 'node:timers/promises';
import { threaded } from 'offloop';

//#region jobs
const flaky = threaded((attempt) => {
  if (attempt < 3) throw new Error(`attempt ${attempt} failed`);
  return `ok after ${attempt}`;
});
//#endregion

async function retry(fn, times) {
  for (let i = 1; ; i += 1) {
    try {
      return await fn(i);
    } catch (error) {
      console.log(error.message);
      if (i === times) throw error;
      await sleep(1);
    }
  }
}

console.log(await retry(flaky, 5));

//! works
//> attempt 1 failed
//> attempt 2 failed
//> ok after 3
