import { callbackify } from 'node:util';
import { threaded } from 'offloop';

const options = { by: 3 };
const times = threaded((n) => n * options.by);
const withCallback = callbackify(times);

withCallback(5, (error, value) => {
  console.log(error, value);
});


//! works
//> null 15
