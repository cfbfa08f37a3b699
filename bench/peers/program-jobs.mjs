/** The function that `program-in-module.mjs` calls. @module */

import { threaded } from 'offloop';

export const add = threaded(function add(a, b) {
  return a + b;
});
