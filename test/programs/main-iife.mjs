import { threaded } from 'offloop';

//#region jobs
const weights = { a: 1, b: 2 };
const score = threaded((word) => [...word].reduce((sum, c) => sum + (weights[c] ?? 0), 0));
//#endregion

(async () => {
  console.log('scores');
  console.log(await score('abba'), await score('xyz'));
})();

//! works
//> scores
//> 6 0
