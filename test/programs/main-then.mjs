import { threaded } from 'offloop';

//#region jobs
const f = threaded((n) => n + 1);
//#endregion

const run = () => f(1).then((n) => f(n));

run().then(
  (n) => console.log('result', n),
  (error) => console.log(error.code),
);

//! works
//> result 3
