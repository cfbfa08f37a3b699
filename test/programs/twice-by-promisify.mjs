import { callbackify } from 'node:util';
import { threaded } from 'offloop';

//#region jobs
const options = { by: 3 };
const times = threaded((n) => n * options.by);
//#endregion

const withCallback = callbackify(times);

withCallback(5, (error, value) => {
  console.log(error, value);
});

//! works
//> null 15
