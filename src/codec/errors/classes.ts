/** Describes the class of an error by names, and finds the same class in another thread. @module */

import { OffloopError, WorkerExitError } from '../../base/errors.ts';

/** Finds a class by its name in the scope of the module whose function threw; `undefined` if there is none. */
export type ResolveClass = (name: string) => unknown;

/**
 * The class chain of an error: the names of the user's classes, the error's own first, and of the built-in class above
 * them.
 */
export interface Lineage {
  readonly above: string[];
  readonly base: string;
}

/** Classes that some versions of Node.js, or the types, lack. */
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

/** The library's own classes are found by name, because each copy of the library has its own. */
const own = new Map<string, Function>([
  ['OffloopError', OffloopError],
  ['WorkerExitError', WorkerExitError],
]);

/** The lineage of `error`, which may be of another realm. */
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

/** The most specific class of `lineage` that exists in this thread. */
export function findClass({ above, base }: Lineage, resolve: ResolveClass | undefined): Function {
  for (const [index, name] of above.entries()) {
    const found = own.get(name) ?? tryResolve(resolve, name);
    if (isSame(found, above.slice(index), base)) return found;
  }
  return builtIns.get(base) ?? Error;
}

/** Whether `type` is an error class whose ancestors have the given names. */
function isSame(type: unknown, above: readonly string[], base: string): type is Function {
  if (typeof type !== 'function' || typeof type.prototype !== 'object' || type.prototype === null) return false;
  // The prototype serves as an instance, so the first class of its lineage is `type` itself.
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
