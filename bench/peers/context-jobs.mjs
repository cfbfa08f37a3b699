/**
 * A function that needs three variables of its caller's context, and one that does not; threads import this too.
 * @module
 */

import { ContextVar, threaded } from 'offloop';
import { add } from '../jobs.mjs';

export const variables = ['request', 'user', 'locale'].map((name) => new ContextVar(name));

/** The values to which the caller sets the variables. */
export const values = ['a request', 'a user', 'a locale'];

export const addPlainly = threaded(add);

/** Throws if a variable does not have the value that the caller set. */
export const addInContext = threaded(function addInContext(a, b) {
  for (let i = 0; i < 3; i += 1) if (variables[i].get() !== values[i]) throw new Error('No context');
  return add(a, b);
});
