/** The slicer's knowledge about the functions and methods of the language, Node.js and the library. @module */

import { isBuiltin } from 'node:module';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Methods of wrappers that return wrappers and call none. */
export const quiet: ReadonlySet<string> = words('with bind toString');

/** Methods that call the functions they are given before they return. */
export const callsBack: ReadonlySet<string> = words(`
  forEach map filter reduce reduceRight some every find findIndex findLast findLastIndex flatMap sort toSorted from
  replace replaceAll then catch finally each eachSeries times describe suite context`);

/** Methods that do not change their receiver. */
export const pureMethods: ReadonlySet<string> = words(`
  forEach map filter some every find findIndex findLast findLastIndex includes indexOf lastIndexOf slice join get at has
  keys values entries concat reduce reduceRight flat flatMap toSorted toReversed toSpliced split trim replace replaceAll
  match matchAll test exec startsWith endsWith padStart padEnd charCodeAt codePointAt then catch finally getTime
  hasOwnProperty call apply bind log info warn error debug trace`);

/** Methods about events: they change the receiver's listeners only, which no other code reads. */
export const listening: ReadonlySet<string> = words(`
  on once off addListener removeListener removeAllListeners prependListener prependOnceListener emit addEventListener
  removeEventListener dispatchEvent setMaxListeners`);

/** Methods that do not change their receiver, by the beginning of their names, such as `toLocaleString`. */
export const onlyReads: RegExp = /^to[A-Z]/;

/** Methods that change their receiver and nothing else. */
export const changesSelf: ReadonlySet<string> = words(`
  push pop shift unshift splice sort reverse fill copyWithin set add delete clear append`);

/** Methods that store their arguments in the receiver, and call nothing. */
export const keeperMethods: ReadonlySet<string> = words('push unshift set add splice fill append');

/** Methods that return one of the receiver's elements. */
export const givesItems: ReadonlySet<string> = words('get at pop shift find findLast exec');

/** Methods that return a list of the receiver's elements. */
export const givesList: ReadonlySet<string> = words(`
  filter slice concat flat values entries splice toSorted toReversed toSpliced match matchAll split`);

/** Methods and functions that print or send their arguments, and do not change them. */
export const showing: ReadonlySet<string> = words(
  'json send end write emit print render status log info warn error debug',
);

/** Functions of the language and of Node.js that neither call nor store their arguments. */
export const quietModules: RegExp =
  /^(?:console|JSON|Math|Number|String|Symbol|BigInt|Boolean|parse\w+|is\w+|node:(?:path|url|os|assert|buffer)|node:util\.(?:inspect|format|isDeep\w+|types)|Buffer)\b/;

/** Functions of the language and of Node.js that return primitives. */
export const givesPrimitive: RegExp =
  /^(?:(?:Math|Number|String|BigInt|node:path|path)\.\w+|Number|String|BigInt|Boolean|(?:Array|Buffer|ArrayBuffer|Object)\.is\w*|Object\.hasOwn|Symbol(?:\.for)?|Date\.\w+|JSON\.stringify|Reflect\.(?:has|set|deleteProperty|isExtensible)|(?:en|de)codeURI(?:Component)?|(?:parse|is)[A-Z]\w*|console\.\w+|performance\.now)$/;

/** Whether the result of the function at `path` cannot be had twice: random values, user input. */
export function cannotBeHadTwice(path: string): boolean {
  return /^(?:Math\.random|(?:node:)?(?:crypto|crypto\.webcrypto)\.(?:random\w*|getRandomValues|generateKey\w*)|node:fs(?:\/promises|\.promises)?\.mkdtemp\w*|node:readline(?:\/promises)?\.createInterface\(\)\.question|module:(?:nanoid|uuid|ulid|cuid|@paralleldrive\/cuid2)\b.*)$/.test(
    path,
  );
}

/** Methods that usually start the program's work. A guess, used only for what exported functions need. */
const startMethods: ReadonlySet<string> = words(`
  listen start serve run launch connect spawn fork exec watch schedule exit kill write`);

/** Global functions and constructors with an effect outside the module. */
const startFunctions: ReadonlySet<string> = words(`
  setTimeout setInterval setImmediate queueMicrotask fetch Worker WebSocket BroadcastChannel`);

/** Global constructors of plain containers and values. */
export const containers: ReadonlySet<string> = words(`
  Map Set WeakMap WeakSet Array Object Date RegExp URL URLSearchParams Error Uint8Array Uint16Array Uint32Array Int8Array
  Int16Array Int32Array Float32Array Float64Array Uint8ClampedArray BigInt64Array BigUint64Array ArrayBuffer DataView
  TextEncoder TextDecoder Symbol WeakRef`);

/** Whether calling the function at `path`, or one with that name, has an effect outside the module. */
export function isStart(path: string): boolean {
  if (/^(?:console|process)\./.test(path) || startFunctions.has(path)) return true;
  return startMethods.has(path.slice(path.lastIndexOf('.') + 1));
}

/** Whether `name` is a helper function that compilers add for decorators: `__decorate`, `_applyDecs2203R`. */
export function isHelper(name: string | undefined): boolean {
  return name !== undefined && /^_{1,2}(?:decorat|esDecorat|apply_?[dD]ecs|runInitializers|ts_decorate)/.test(name);
}

/** Whether `source` is a built-in module of Node.js. */
export const isBuiltinModule: (source: string) => boolean = isBuiltin;

/** Exports of the library that register something when called, so that a thread has to make the same calls. */
export const registering: ReadonlySet<string> = words(`
  threaded threadedSeparate threadedIterable threadedIterableSeparate offload threadedObject setup sendable coroutine propagate
  ContextVar configure`);

/** The name of initializers that decorators add to a class, which every thread has to run. */
export const initializer: string = 'initializer';

/** Those of {@link registering} that return a function which runs elsewhere. */
export const wrapping: ReadonlySet<string> = words(`
  threaded threadedSeparate threadedIterable threadedIterableSeparate offload threadedObject`);
