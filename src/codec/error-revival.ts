/** Makes an error again of what travelled of it. @module */

import { findClass } from './error-classes.ts';
import type { ResolveClass } from './error-classes.ts';
import type { ErrorPayload } from './error-payload.ts';
import { sendableNamed } from './sendable.ts';

/**
 * Makes the error itself, of its class where that can be found, without its fields. No constructor of the user's runs;
 * yet it is a native error, as an object with the prototype of one would not be.
 */
export function errorShell({ lineage, registered, message, name }: ErrorPayload, resolve?: ResolveClass): Error {
  const type = (registered === undefined ? undefined : sendableNamed(registered)) ?? findClass(lineage, resolve);
  const error = lineage.base === 'DOMException' ? new DOMException(message, name) : bareError();
  Object.setPrototypeOf(error, type.prototype as object);
  return error;
}

/** Gives `error` what travelled of it, once that is complete. */
export function fillError(error: Error, { name, message, stack, fields, hidden }: ErrorPayload): void {
  define(error, 'stack', stack, false);
  for (const key of Object.keys(fields)) define(error, key, fields[key], !hidden.includes(key));
  // Inherited where it was made, but from a class that could not be found, or by a getter.
  if (message !== undefined && read(error, 'message') !== message) define(error, 'message', message, false);
  if (name !== undefined && read(error, 'name') !== name) define(error, 'name', name, false);
}

function bareError(): Error {
  const { stackTraceLimit } = Error;
  // Its own stack is replaced, so capturing one is in vain.
  Error.stackTraceLimit = 0;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}

function read(error: Error, key: 'message' | 'name'): unknown {
  try {
    return error[key];
  } catch {
    return undefined;
  }
}
