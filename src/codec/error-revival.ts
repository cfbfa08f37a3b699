/** Makes an error again of what travelled of it. @module */

import { OffloopError, WorkerExitError } from '../errors.ts';
import type { ErrorPayload } from './error-payload.ts';
import { sendableNamed } from './sendable.ts';

/** Finds a class of the user's by its name, in the scope of the function that threw; `undefined` if it is not there. */
export type ResolveClass = (name: string) => unknown;

const builtIns = new Map<string, Function>(
  [
    [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError],
    [DOMException, OffloopError, WorkerExitError],
  ]
    .flat()
    .map((type) => [type.name, type]),
);

/** Classes inside Node.js, which no user's scope has. */
const internal = /^(NodeError|NodeAggregateError|SystemError|AbortError)$/;

/** Makes the error itself, of its class where that can be found, without its properties. */
export function errorShell(
  { types = [], name = 'Error', data = {}, sendable }: ErrorPayload,
  resolveClass?: ResolveClass,
): Error {
  if (types[0] === 'DOMException') return new DOMException(String(data['message'] ?? ''), name);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  const type = (sendable === undefined ? undefined : sendableNamed(sendable)) ?? classOf(types, resolveClass);
  Object.setPrototypeOf(error, type.prototype as object);
  return error;
}

/** Gives `error` the properties that travelled, once those are complete. */
export function fillError(error: Error, { name = 'Error', data = {}, hidden = [] }: ErrorPayload): void {
  const isDomException = error instanceof DOMException;
  for (const key of Object.keys(data)) {
    if (isDomException && key === 'message') continue;
    const enumerable = !hidden.includes(key);
    Object.defineProperty(error, key, { value: data[key], enumerable, configurable: true, writable: true });
  }
  // A class that could not be found does not give its name.
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
}

function classOf(types: readonly string[], resolveClass: ResolveClass | undefined): Function {
  for (const [index, name] of types.entries()) {
    const builtIn = builtIns.get(name);
    if (builtIn) return builtIn;
    if (name === '' || internal.test(name)) continue;
    const found = resolveClass?.(name);
    if (isErrorClass(found, types.slice(index))) return found;
  }
  return Error;
}

/** A class of the same name must extend the same classes to be taken for the same. */
function isErrorClass(value: unknown, types: readonly string[]): value is Function {
  if (typeof value !== 'function') return false;
  const prototype: unknown = value.prototype;
  if (!(prototype instanceof Error)) return false;
  let it: object | null = prototype;
  for (const name of types) {
    const type: unknown = it?.constructor;
    if (typeof type !== 'function' || type.name !== name) return false;
    it = Object.getPrototypeOf(it) as object | null;
  }
  return true;
}
