/** Numbers the turns of the event loop in which the number is asked for. @module */

import { setIdleImmediate } from '../base/clock.ts';

let current = 0;
let asked = false;

/** A number that is the same throughout one turn of the event loop, and higher in a later turn. */
export function turn(): number {
  if (!asked) {
    asked = true;
    setIdleImmediate(() => {
      asked = false;
      current += 1;
    });
  }
  return current;
}
