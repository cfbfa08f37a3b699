/** What wrapping does to a function's type, and the options of wrappers and of their calls. @module */

import type { Transferable } from 'node:worker_threads';
import type { ViewMode } from '../config.ts';
import type { ThreadPool } from '../pool/thread-pool.ts';

/** What can be said for every call when a function is wrapped, and anew for each call. */
interface CallDefaults {
  /**
   * How long the function may run, in milliseconds, from the moment it starts: starting a thread and waiting for one do
   * not count. After it the call rejects with `ERR_OFFLOOP_TIMEOUT`. Above 0. @defaultValue `Infinity`
   */
  timeout?: number | undefined;

  /**
   * How long the call may wait for a thread, in milliseconds. After it the call rejects with
   * `ERR_OFFLOOP_QUEUE_TIMEOUT`. Above 0. @defaultValue `Infinity`
   */
  queueTimeout?: number | undefined;

  /** Which waiting call starts first: the higher number; equals start in the order of the calls. @defaultValue `0` */
  priority?: number | undefined;
}

/** What can be said only for one call. */
interface SingleCall {
  /** Ends the call: it rejects with `signal.reason`, whether it waits or runs. @defaultValue none */
  signal?: AbortSignal | undefined;

  /** What moves to the thread instead of being copied; it is unusable here from the call on. @defaultValue `[]` */
  transfer?: readonly Transferable[] | undefined;
}

/** Where a pooled call runs. */
interface Placement {
  /** Calls of a pool with the same key run in the same thread, in the order of the calls. @defaultValue any free thread */
  key?: string | number | undefined;

  /** Whose threads run the call. @defaultValue the default pool, see `setDefaultPool` */
  pool?: ThreadPool | undefined;
}

/** What can be said only when a function is wrapped. */
interface Wrapping {
  /** The name in messages. @defaultValue the function's own */
  name?: string | undefined;

  /**
   * The URL of the module that holds the call of the wrapper, as its `import.meta.url` gives it. A last resort, for
   * where the stack does not show the module. @defaultValue the module that the call of the wrapper stands in
   */
  module?: string | URL | undefined;

  /** When threads load a slice of the module instead of the whole. @defaultValue as `configure` says */
  view?: ViewMode | undefined;
}

/** Options of one call of a `threaded` function; they go before those it was wrapped with. */
export interface CallOptions extends CallDefaults, Placement, SingleCall {}

/** Options of `threaded` and `offload`, for all calls. */
export interface ThreadedOptions extends CallDefaults, Placement, Wrapping {}

/** Whether a call in a thread of its own is waited for. */
interface Detachment {
  /** Lets the process end while the call runs, and the thread with it. @defaultValue `false` */
  detach?: boolean | undefined;
}

/** Options of one call of a `threadedSeparate` function; they go before those it was wrapped with. */
export interface SeparateCallOptions extends CallDefaults, Detachment, SingleCall {}

/** Options of `threadedSeparate`, for all calls. */
export interface SeparateOptions extends CallDefaults, Detachment, Wrapping {}

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Whether a call that gives a plain promise gives an `R` already. */
type IsPromise<R> =
  IsAny<R> extends true
    ? false
    : [R] extends [PromiseLike<unknown>]
      ? Promise<Awaited<R>> extends R
        ? true
        : false
      : false;

/** What a call in another thread gives, of a function that returns `R`. */
export type Offloaded<R> = Promise<Awaited<R>>;

/**
 * `F` as it is called from another thread: the same parameters, and a promise of the result.
 *
 * An `async` function is that already and stays as it is, type parameters and overloads included. TypeScript cannot
 * carry those of other functions over: of overloads the last is taken, and a type parameter becomes its constraint.
 */
export type AsyncOf<F> = F extends (...args: infer A) => infer R
  ? IsPromise<R> extends true
    ? F
    : unknown extends ThisParameterType<F>
      ? (...args: A) => Offloaded<R>
      : (this: ThisParameterType<F>, ...args: A) => Offloaded<R>
  : never;

/** What a wrapper has beside its call. */
interface Members<F, Options> {
  /** The function itself: runs here and now, and blocks. */
  readonly syncCall: F;

  /** The wrapper itself, for where its name should say what it does. */
  readonly asyncCall: AsyncOf<F>;

  /**
   * Gives a function whose calls have these options.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: Options): AsyncOf<F>;
}

/** What `threaded` makes of the function `F`. */
export type Threaded<F> = AsyncOf<F> & Members<F, CallOptions>;

/** What `threadedSeparate` makes of the function `F`. */
export type ThreadedSeparate<F> = AsyncOf<F> & Members<F, SeparateCallOptions>;

/**
 * A callback parameter of a wrapped function, where the result of the callback counts: `await` it. In a thread it is a
 * promise, because the callback runs where it was made; in `syncCall` it is what the callback returns. The caller
 * passes a plain function or an `async` one.
 *
 * A callback whose result nobody takes needs no `Handle`: `(done: number) => void` will do.
 *
 * @example
 * ```ts
 * const total = threaded(async (names: string[], sizeOf: Handle<(name: string) => number>) => {
 *   let sum = 0;
 *   for (const name of names) sum += await sizeOf(name);
 *   return sum;
 * });
 *
 * await total(['a', 'b'], (name) => sizes[name]);
 * ```
 */
export type Handle<F extends (...args: never) => unknown> =
  // Two functions, because a function of any result passes as one that returns `void`, but not `void | Promise<void>`.
  ((...args: Parameters<F>) => ReturnType<F>) | ((...args: Parameters<F>) => ReturnType<F> | Offloaded<ReturnType<F>>);

type IsIterator<R> =
  IsAny<R> extends true
    ? false
    : [R] extends [never]
      ? false
      : [R] extends [Iterator<unknown, unknown, never> | AsyncIterator<unknown, unknown, never>]
        ? true
        : false;

/** Nothing for a function that can be wrapped, else why it cannot: what the compiler shows. */
type Check<F> = F extends (...args: never) => infer R
  ? IsIterator<R> extends true
    ? 'A generator function cannot be wrapped: wrap one that returns a value or a promise'
    : unknown
  : 'A class cannot be wrapped: wrap its methods';

/** Keeps functions, which have a `name`, and decorator contexts, which have one too, from passing as options. */
type Plain<Options> = Options & { readonly call?: never; readonly kind?: never };

// The constraint of `ClassMethodDecoratorContext` has `any`; `never` and `unknown` do not satisfy it.
// oxlint-disable-next-line typescript/no-explicit-any
type AsyncMethod<This> = (this: This, ...args: any) => Promise<unknown>;

/** The decorator of methods. It cannot change a method's type, so the method has to return a promise. */
interface MethodDecorator {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
}

/** What `threaded(options)` gives: the wrapper and the decorator with these options. */
export interface ThreadedWith extends MethodDecorator {
  <F extends Function>(fn: F & Check<F>): Threaded<F>;
}

/** What `threadedSeparate(options)` gives: the wrapper and the decorator with these options. */
export interface ThreadedSeparateWith extends MethodDecorator {
  <F extends Function>(fn: F & Check<F>): ThreadedSeparate<F>;
}

/** The spellings of `threaded`: `threaded(fn)`, `threaded(fn, options)`, `threaded(options)` and `@threaded`. */
export interface ThreadedFunction extends MethodDecorator {
  (options: Plain<ThreadedOptions>): ThreadedWith;
  <F extends Function>(fn: F & Check<F>, options?: Plain<ThreadedOptions>): Threaded<F>;
}

/** The spellings of `threadedSeparate`, the same as those of `threaded`. */
export interface ThreadedSeparateFunction extends MethodDecorator {
  (options: Plain<SeparateOptions>): ThreadedSeparateWith;
  <F extends Function>(fn: F & Check<F>, options?: Plain<SeparateOptions>): ThreadedSeparate<F>;
}

/** Whether `T` looks like a plain object: what has behaviour of its own, like an array or a `Map`, has symbol keys. */
type IsPlain<T> = T extends abstract new (...args: never) => unknown
  ? false
  : T extends object
    ? [Extract<keyof T, symbol>] extends [never]
      ? true
      : false
    : false;

/** Whether `T` is a function whose result can cross. */
type IsCallable<T> = T extends (...args: never) => infer R ? (IsIterator<R> extends true ? false : true) : false;

/** The names in `M` that have something to call behind them. `then` has not: what has a `then` would be a promise. */
type CallableKeys<M> = {
  [K in keyof M]: K extends 'then' | symbol
    ? never
    : IsCallable<M[K]> extends true
      ? K
      : IsPlain<M[K]> extends true
        ? K
        : never;
}[keyof M];

/**
 * What `offload` gives for the module `M`: its functions, also those in plain objects and `default`, each as it is
 * called from another thread. What is not a function, and generator functions and classes, are not there.
 */
export type Offload<M> = {
  readonly [K in CallableKeys<M>]: IsCallable<M[K]> extends true ? AsyncOf<M[K]> : Offload<M[K]>;
};

/** The signature of `offload`. */
export type OffloadFunction = <M>(load: () => Promise<M>, options?: Plain<ThreadedOptions>) => Offload<M>;
