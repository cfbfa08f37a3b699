/** Recreates an error from the parts that were sent. @module */

import { findClass } from './classes.ts';
import type { ResolveClass } from './classes.ts';
import type { ErrorPayload } from './payload.ts';
import { sendableNamed } from '../sendable.ts';

/**
 * Makes the error, without its fields, of its class if that is found. No constructor of the user's runs, yet it is a
 * native error, which an object with an error's prototype would not be.
 */
export function errorShell({ lineage, registered, message, name }: ErrorPayload, resolve?: ResolveClass): Error {
  const type = errorClassNamed(registered) ?? findClass(lineage, resolve);
  const error = lineage.base === 'DOMException' ? new DOMException(message, name) : bareError();
  Object.setPrototypeOf(error, type.prototype as object);
  return error;
}

/** The registered class of that name, if it is one of errors. */
function errorClassNamed(name: string | undefined): Function | undefined {
  const type = name === undefined ? undefined : sendableNamed(name);
  return type?.prototype instanceof Error ? type : undefined;
}

/** Gives `error` its properties, once the payload is complete. */
export function fillError(error: Error, { name, message, stack, fields, hidden }: ErrorPayload): void {
  define(error, 'stack', stack, false);
  for (const key of Object.keys(fields)) define(error, key, fields[key], !hidden.includes(key));
  // Set as own properties if the class that they were inherited from is missing here, or a getter gave them.
  if (message !== undefined && read(error, 'message') !== message) define(error, 'message', message, false);
  if (name !== undefined && read(error, 'name') !== name) define(error, 'name', name, false);
}

function bareError(): Error {
  const { stackTraceLimit } = Error;
  // The stack is replaced later, so none is captured.
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
