/** Classes of errors: what one is called, and which class of the other thread is the same. @module */

import { OffloopError, WorkerExitError } from '../base/errors.ts';

/** Finds a class by its name where the function that threw stands; `undefined` if it is not there. */
export type ResolveClass = (name: string) => unknown;

/** Where the class of an error stands: names of the user's classes, from its own upwards, and the built-in one above. */
export interface Lineage {
  readonly above: string[];
  readonly base: string;
}

/** Some are not on every Node, nor in the types. */
const others = globalThis as { SuppressedError?: Function; WebAssembly?: Record<string, Function> };

const builtIns = new Map<string, Function>(
  [
    [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, DOMException],
    ['CompileError', 'LinkError', 'RuntimeError'].map((name) => others.WebAssembly?.[name]),
    others.SuppressedError,
  ]
    .flat()
    .flatMap((type) => (type ? [[type.name, type] as const] : [])),
);

/** The library's own classes are found by name, as each copy of it has its own. */
const own = new Map<string, Function>([
  ['OffloopError', OffloopError],
  ['WorkerExitError', WorkerExitError],
]);

/** The lineage of `error`, of this realm or of another. */
export function lineageOf(error: object): Lineage {
  const above: string[] = [];
  let prototype = Object.getPrototypeOf(error) as object | null;
  for (; prototype && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object | null) {
    const type: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    if (typeof type !== 'function') continue;
    if (builtIns.has(type.name) && isBuiltIn(type)) return { above, base: type.name };
    above.push(type.name);
  }
  return { above, base: 'Error' };
}

/** The nearest class of `lineage` that is found in this thread. */
export function findClass({ above, base }: Lineage, resolve: ResolveClass | undefined): Function {
  for (const [index, name] of above.entries()) {
    const found = own.get(name) ?? tryResolve(resolve, name);
    if (isSame(found, above.slice(index), base)) return found;
  }
  return builtIns.get(base) ?? Error;
}

/** Whether `type` is an error class whose ancestors are called as those that are wished. */
function isSame(type: unknown, above: readonly string[], base: string): type is Function {
  if (typeof type !== 'function' || typeof type.prototype !== 'object' || type.prototype === null) return false;
  // The prototype stands for an instance; its own class is the first of the lineage.
  const lineage = lineageOf(Object.create(type.prototype as object) as object);
  return type.prototype instanceof Error && [...lineage.above, lineage.base].join() === [...above, base].join();
}

function isBuiltIn(type: Function): boolean {
  return builtIns.get(type.name) === type || Function.prototype.toString.call(type).includes('[native code]');
}

function tryResolve(resolve: ResolveClass | undefined, name: string): unknown {
  try {
    return name === '' ? undefined : resolve?.(name);
  } catch {
    return undefined;
  }
}
