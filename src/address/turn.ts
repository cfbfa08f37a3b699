/** Counts the turns of the event loop in which anybody asked. @module */

import { setIdleImmediate } from '../base/clock.ts';

let current = 0;
let asked = false;

/** A number that is the same throughout one turn of the loop and another one in a later turn. */
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
