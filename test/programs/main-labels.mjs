import { threaded } from 'offloop';

//#region jobs
const test = threaded((a, b) => a * b > 5);
//#endregion

outer: for (const a of [1, 2, 3]) {
  for (const b of [1, 2, 3]) {
    if (await test(a, b)) {
      console.log(a, b);
      break outer;
    }
  }
}

//! works
//> 2 3
