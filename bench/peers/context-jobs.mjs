/** A function that needs three variables of its caller's context, and one that does not; threads import this too. @module */

import { ContextVar, threaded } from 'offloop';
import { add } from '../jobs.mjs';

export const variables = ['request', 'user', 'locale'].map((name) => new ContextVar(name));

export const addPlainly = threaded(add);

/** Throws if a variable is not what the caller has set. */
export const addInContext = threaded(function addInContext(a, b) {
  for (const [i, variable] of variables.entries()) if (variable.get() !== `value ${i}`) throw new Error('No context');
  return add(a, b);
});
