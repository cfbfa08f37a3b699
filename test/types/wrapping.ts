/** The types of wrapping: what can be wrapped, in which spellings, and with which options. @module */

/* oxlint-disable typescript/no-extraneous-class -- a class is what is refused */

/* oxlint-disable typescript/no-explicit-any -- what `any` becomes is tested, too */

import { PassThrough } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { threaded, threadedSeparate } from './api.ts';
import type {
  CallOptions,
  SeparateCallOptions,
  SeparateOptions,
  ThreadPool,
  Threaded,
  ThreadedOptions,
  ThreadedSeparate,
} from './api.ts';
import { same, typed } from './equal.ts';

declare const pool: ThreadPool;

const size = (text: string): number => text.length;
type Size = typeof size;

// Three spellings, one type.
const plain = threaded(size);
const withNone = threaded(size, {});
const withOptions = threaded(size, { timeout: 5, name: 'size' });
const byOptions = threaded({ pool })(size);
const byNone = threaded({})(size);
same<typeof plain, Threaded<Size>>();
same<typeof withNone, Threaded<Size>>();
same<typeof withOptions, Threaded<Size>>();
same<typeof byOptions, Threaded<Size>>();
same<typeof byNone, Threaded<Size>>();
const separate = threadedSeparate(size);
const detached = threadedSeparate(size, { detach: true });
const byDetached = threadedSeparate({ detach: true })(size);
same<typeof separate, ThreadedSeparate<Size>>();
same<typeof detached, ThreadedSeparate<Size>>();
same<typeof byDetached, ThreadedSeparate<Size>>();

// One wrapper with options serves many functions, and keeps type parameters as `threaded(fn)` does.
export const heavy = threaded({ pool, timeout: 5 });
typed<Promise<number>>()(heavy((x: number) => x)(1));
typed<Promise<string>>()(heavy(async <T>(x: T) => x)('a'));
export const alone = threadedSeparate({ timeout: 5 });
typed<Promise<string>>()(alone(async <T>(x: T) => x)('a'));
export const exported = threaded(size);
export const exportedAlone = threadedSeparate(async <T>(x: T) => x);

// A function of an unknown signature.
typed<Promise<unknown>>()(threaded(size as Function)('a', 1));
typed<Function>()(threaded(size as Function).syncCall);
declare const anything: any;
typed<any>()(threaded(anything).syncCall);

// Only functions can be wrapped.
// @ts-expect-error: nothing
threaded();
// @ts-expect-error: undefined
threaded(undefined);
// @ts-expect-error: null
threaded(null);
// @ts-expect-error: a number
threaded(1);
// @ts-expect-error: a string, which is no name of a function either
threaded('size');
// @ts-expect-error: a list
threaded([size]);
// @ts-expect-error: a promise of a function
threaded(Promise.resolve(size));
// @ts-expect-error: an object of functions
threaded({ size });
// @ts-expect-error: a class
threaded(class {});
// @ts-expect-error: a class with something like the options
threaded(Map, {});
// @ts-expect-error: a class
threaded({})(class {});
// @ts-expect-error: a number
threaded({})(1);
// @ts-expect-error: a class
threadedSeparate(class {});
// @ts-expect-error: a number
threadedSeparate(1);

// Generator functions become iterators, and have their options.
// @ts-expect-error: a generator function has no such option
threaded(function* () {}, { detach: true });
// @ts-expect-error: a generator function declared to return an iterator
threaded(function* (): IterableIterator<number> {
  yield 1;
});
// @ts-expect-error: a function that returns an iterator
threaded((list: number[]) => list.values());

// Parameters without a type are still reported.
// @ts-expect-error: implicit any
threaded((x) => x);
// @ts-expect-error: implicit any
threaded({ timeout: 5 })((x) => x);
// @ts-expect-error: implicit any
threadedSeparate(async (x) => x);

// Options of wrappers.
type Shared = 'timeout' | 'queueTimeout' | 'priority' | 'key' | 'pool' | 'idempotent';
same<keyof ThreadedOptions, Shared | 'name' | 'module' | 'view'>();
type Own = 'detach' | 'argv' | 'stdout' | 'stderr';
same<keyof SeparateOptions, 'timeout' | 'queueTimeout' | 'priority' | Own | 'name' | 'module' | 'view'>();
threaded(size, { timeout: Infinity, queueTimeout: 1, priority: -1, key: 1, pool, module: import.meta.url });
threaded(size, { module: new URL(import.meta.url), view: 'never', key: 'a', pool: undefined });
const options: ThreadedOptions = { timeout: 5 };
threaded(size, options);
threaded(options)(size);
// @ts-expect-error: no such option
threaded(size, { timout: 5 });
// @ts-expect-error: no such option
threaded({ timout: 5 });
// @ts-expect-error: no such option beside one that exists
threaded({ timeout: 5, retries: 1 });
// @ts-expect-error: a signal is for one call
threaded(size, { signal: AbortSignal.abort() });
// @ts-expect-error: a list to transfer is for one call
threaded({ transfer: [] });
// @ts-expect-error: pooled calls cannot be detached
threaded({ detach: true });
// @ts-expect-error: milliseconds are a number
threaded({ timeout: '5s' });
// @ts-expect-error: not a view
threaded({ view: 'sometimes' });
// @ts-expect-error: not a pool
threaded({ pool: {} });
// @ts-expect-error: options are no function
threaded(size, size);
// @ts-expect-error: dedicated threads have no pool
threadedSeparate(size, { pool });
// @ts-expect-error: dedicated threads have no keys
threadedSeparate({ key: 1 });

// Options of calls.
const call = threaded(size);
const separateCall = threadedSeparate(size);
declare const maybe: AbortSignal | undefined;
same<keyof CallOptions, Shared | 'signal' | 'transfer'>();
same<keyof SeparateCallOptions, 'timeout' | 'queueTimeout' | 'priority' | Own | 'signal' | 'transfer'>();
call.with({ signal: maybe, timeout: 1, queueTimeout: 1, priority: 1, key: 'a', pool });
call.with({ transfer: [new ArrayBuffer(1), new MessageChannel().port1] });
separateCall.with({ signal: AbortSignal.timeout(1), detach: true });
separateCall.with({ argv: ['a', 'b'] as const, stdout: process.stdout, stderr: new PassThrough() });
// @ts-expect-error: arguments are text
separateCall.with({ argv: [1] });
// @ts-expect-error: a stream, not whether there is one
separateCall.with({ stdout: true });
// @ts-expect-error: pooled threads have no arguments of a call
call.with({ argv: ['a'] });
// @ts-expect-error: no such option
call.with({ timout: 5 });
// @ts-expect-error: the options are needed
call.with();
// @ts-expect-error: a module is for all calls
call.with({ module: 'file:///a.js' });
// @ts-expect-error: the name is for all calls
call.with({ name: 'size' });
// @ts-expect-error: text cannot move
call.with({ transfer: ['a'] });
// @ts-expect-error: pooled calls cannot be detached
call.with({ detach: true });
// @ts-expect-error: dedicated threads have no pool
separateCall.with({ pool });
// @ts-expect-error: what has options is a plain function
call.with({}).with({});
// @ts-expect-error: what has options is a plain function
call.with({}).syncCall('a');
