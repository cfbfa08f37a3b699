/** What the slicer knows of names that are not the module's own. @module */

import { isBuiltin } from 'node:module';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Methods that call the functions they are given before they return. */
export const callsBack: ReadonlySet<string> = words(`
  forEach map filter reduce reduceRight some every find findIndex findLast findLastIndex flatMap sort toSorted from
  replace replaceAll`);

/** Methods that do not change what they are called on. */
export const pureMethods: ReadonlySet<string> = words(`
  forEach map filter some every find findIndex findLast includes indexOf lastIndexOf slice join get has keys values
  entries concat reduce reduceRight flat flatMap at toString toLowerCase toUpperCase split trim replace replaceAll match
  matchAll test startsWith endsWith padStart padEnd charCodeAt codePointAt then catch finally toFixed toISOString getTime
  hasOwnProperty call apply bind log info warn error debug trace`);

/** Methods that keep what they are given in what they are called on, and call nothing. */
export const keeperMethods: ReadonlySet<string> = words('push unshift set add splice fill');

/** Methods by which a program usually begins to act. A guess, and used only for what exported functions need. */
export const startMethods: ReadonlySet<string> = words(`
  listen start serve run launch connect spawn fork exec watch schedule exit kill write`);

/** Global functions and constructors that do something outside of the module. */
export const startFunctions: ReadonlySet<string> = words(`
  setTimeout setInterval setImmediate queueMicrotask fetch Worker WebSocket BroadcastChannel`);

/** Global constructors of plain containers and values. */
export const containers: ReadonlySet<string> = words(`
  Map Set WeakMap WeakSet Array Object Date RegExp URL URLSearchParams Error Uint8Array Uint16Array Uint32Array Int8Array
  Int16Array Int32Array Float32Array Float64Array Uint8ClampedArray BigInt64Array BigUint64Array ArrayBuffer DataView
  TextEncoder TextDecoder Symbol WeakRef`);

/** Static methods that change their first argument. */
const mutators: Readonly<Record<string, ReadonlySet<string>>> = {
  Object: words('assign defineProperty defineProperties setPrototypeOf freeze seal preventExtensions'),
  Reflect: words('set defineProperty deleteProperty setPrototypeOf decorate defineMetadata'),
};

/** Whether `object.method(x)` is a static method that changes `x`. */
export function isMutator(object: string, method: string | undefined): boolean {
  return method !== undefined && Object.hasOwn(mutators, object) && (mutators[object]?.has(method) ?? false);
}

/** Helper functions of transforms (`__decorate`, `__name`, `_applyDecs`), which change what they are given and call nothing. */
export function isHelper(name: string): boolean {
  return /^_{1,2}(?:name|def|set|decorate|run|publicField|private|export|esDecorate|propKey|apply|metadata|param|ts_|copyProps|reExport)/.test(
    name,
  );
}

/** Whether `source` is a module of Node.js itself. */
export const isBuiltinModule: (source: string) => boolean = isBuiltin;

/** What of the library registers something when it is called, so that a thread has to call it as well. */
export const registering: ReadonlySet<string> = words(`
  threaded threadedSeparate threadedIterable threadedIterableSeparate offload setup sendable coroutine propagate
  ContextVar configure`);

/** What of {@link registering} gives something whose call runs elsewhere. */
export const wrapping: ReadonlySet<string> = words(`
  threaded threadedSeparate threadedIterable threadedIterableSeparate offload`);
