/** What the slicer knows of names that are not the module's own. @module */

import { isBuiltin } from 'node:module';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Methods of wrappers that give wrappers and call none. */
export const quiet: ReadonlySet<string> = words('with bind toString');

/** Methods that call the functions they are given before they return. */
export const callsBack: ReadonlySet<string> = words(`
  forEach map filter reduce reduceRight some every find findIndex findLast findLastIndex flatMap sort toSorted from
  replace replaceAll then catch finally each eachSeries times describe suite context`);

/** Methods that do not change what they are called on. */
export const pureMethods: ReadonlySet<string> = words(`
  forEach map filter some every find findIndex findLast findLastIndex includes indexOf lastIndexOf slice join get at has
  keys values entries concat reduce reduceRight flat flatMap toSorted toReversed toSpliced split trim replace replaceAll
  match matchAll test exec startsWith endsWith padStart padEnd charCodeAt codePointAt then catch finally getTime
  hasOwnProperty call apply bind log info warn error debug trace`);

/** Methods that have to do with events only: who listens is of no interest elsewhere. */
export const listening: ReadonlySet<string> = words(`
  on once off addListener removeListener removeAllListeners prependListener prependOnceListener emit addEventListener
  removeEventListener dispatchEvent setMaxListeners`);

/** Methods that do not change what they are called on, by the beginning of their names: `toLocaleString`. */
export const onlyReads: RegExp = /^to[A-Z]/;

/** Methods that change what they are called on, and nothing else. */
export const changesSelf: ReadonlySet<string> = words(`
  push pop shift unshift splice sort reverse fill copyWithin set add delete clear append`);

/** Methods that keep what they are given in what they are called on, and call nothing. */
export const keeperMethods: ReadonlySet<string> = words('push unshift set add splice fill append');

/** Methods that give one of the things that they are called on holds. */
export const givesItems: ReadonlySet<string> = words('get at pop shift find findLast exec');

/** Methods that give a list of what they are called on holds. */
export const givesList: ReadonlySet<string> = words(`
  filter slice concat flat values entries splice toSorted toReversed toSpliced match matchAll split`);

/** Methods and functions that show or send what they are given, and do not change it. */
export const showing: ReadonlySet<string> = words(
  'json send end write emit print render status log info warn error debug',
);

/** Of the language and of Node.js: what neither calls nor keeps what it is given. */
export const quietModules: RegExp =
  /^(?:console|JSON|Math|Number|String|Symbol|BigInt|Boolean|parse\w+|is\w+|node:(?:path|url|os|assert|buffer)|node:util\.(?:inspect|format|isDeep\w+|types)|Buffer)\b/;

/** Functions of the language and of Node.js that give primitives. */
export const givesPrimitive: RegExp =
  /^(?:(?:Math|Number|String|BigInt|node:path|path)\.\w+|Number|String|BigInt|Boolean|(?:Array|Buffer|ArrayBuffer|Object)\.is\w*|Object\.hasOwn|Symbol(?:\.for)?|Date\.\w+|JSON\.stringify|Reflect\.(?:has|set|deleteProperty|isExtensible)|(?:en|de)codeURI(?:Component)?|(?:parse|is)[A-Z]\w*|console\.\w+|performance\.now)$/;

/** Whether what the function at `path` gives cannot be had twice: what is random, what is typed in. */
export function cannotBeHadTwice(path: string): boolean {
  return /^(?:Math\.random|(?:node:)?(?:crypto|crypto\.webcrypto)\.(?:random\w*|getRandomValues|generateKey\w*)|node:fs(?:\/promises|\.promises)?\.mkdtemp\w*|node:readline(?:\/promises)?\.createInterface\(\)\.question|module:(?:nanoid|uuid|ulid|cuid|@paralleldrive\/cuid2)\b.*)$/.test(
    path,
  );
}

/** Methods by which a program usually begins to act. A guess, and used only for what exported functions need. */
const startMethods: ReadonlySet<string> = words(`
  listen start serve run launch connect spawn fork exec watch schedule exit kill write`);

/** Global functions and constructors that do something outside of the module. */
const startFunctions: ReadonlySet<string> = words(`
  setTimeout setInterval setImmediate queueMicrotask fetch Worker WebSocket BroadcastChannel`);

/** Global constructors of plain containers and values. */
export const containers: ReadonlySet<string> = words(`
  Map Set WeakMap WeakSet Array Object Date RegExp URL URLSearchParams Error Uint8Array Uint16Array Uint32Array Int8Array
  Int16Array Int32Array Float32Array Float64Array Uint8ClampedArray BigInt64Array BigUint64Array ArrayBuffer DataView
  TextEncoder TextDecoder Symbol WeakRef`);

/** Whether calling what stands at `path`, or is called so, does something outside of the module. */
export function isStart(path: string): boolean {
  if (/^(?:console|process)\./.test(path) || startFunctions.has(path)) return true;
  return startMethods.has(path.slice(path.lastIndexOf('.') + 1));
}

/** Whether `name` is that of a function that transforms add for decorators: `__decorate`, `_applyDecs2203R`. */
export function isHelper(name: string | undefined): boolean {
  return name !== undefined && /^_{1,2}(?:decorat|esDecorat|apply_?[dD]ecs|runInitializers|ts_decorate)/.test(name);
}

/** Whether `source` is a module of Node.js itself. */
export const isBuiltinModule: (source: string) => boolean = isBuiltin;

/** What of the library registers something when it is called, so that a thread has to call it as well. */
export const registering: ReadonlySet<string> = words(`
  threaded threadedSeparate threadedIterable threadedIterableSeparate offload setup sendable coroutine propagate
  ContextVar configure`);

/** What decorators add to a class, and every thread has to run. */
export const initializer: string = 'initializer';

/** What of {@link registering} gives something whose call runs elsewhere. */
export const wrapping: ReadonlySet<string> = words(`
  threaded threadedSeparate threadedIterable threadedIterableSeparate offload`);
