/** The function is in the program's own file. @module */

import { threaded } from 'offloop';

const add = threaded(function add(a, b) {
  return a + b;
});

const answer = await add(1, 2);
console.log(JSON.stringify({ answer, time: performance.now() }));
