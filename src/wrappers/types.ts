/** What wrapping does to a function's type, and the options of wrappers and of their calls. @module */

import type { Transferable } from 'node:worker_threads';
import type {
  IterableOptions,
  SeparateIterableOptions,
  ThreadedIterable,
  ThreadedIterableSeparate,
} from './iterable-types.ts';
import type { OwnThread, Placement, Wrapping } from './option-types.ts';

/** What can be said for every call when a function is wrapped, and anew for each call. */
interface CallDefaults {
  /**
   * How long the function may run, in milliseconds, from the moment it starts: starting a thread, waiting for one and
   * loading the module do not count. After it the call rejects with `ERR_OFFLOOP_TIMEOUT`. Above 0. @defaultValue `Infinity`
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

/** Options of one call of a `threaded` function; they go before those it was wrapped with. */
export interface CallOptions extends CallDefaults, Placement, SingleCall {}

/** Options of `threaded` and `offload`, for all calls. */
export interface ThreadedOptions extends CallDefaults, Placement, Wrapping {}

/** Options of one call of a `threadedSeparate` function; they go before those it was wrapped with. */
export interface SeparateCallOptions extends CallDefaults, OwnThread, SingleCall {}

/** Options of `threadedSeparate`, for all calls. */
export interface SeparateOptions extends CallDefaults, OwnThread, Wrapping {}

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
  : Function extends F
    ? (...args: unknown[]) => Promise<unknown>
    : never;

/** What a wrapper has beside its call. */
export interface Members<F, Options> {
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

/** What `threaded` makes of the function `F`; of a generator function it makes what `threadedIterable` does. */
export type Threaded<F> = IsGenerator<F> extends true ? ThreadedIterable<F> : AsyncOf<F> & Members<F, CallOptions>;

/** What `threadedSeparate` makes of the function `F`; of a generator function what `threadedIterableSeparate` does. */
export type ThreadedSeparate<F> =
  IsGenerator<F> extends true ? ThreadedIterableSeparate<F> : AsyncOf<F> & Members<F, SeparateCallOptions>;

/**
 * A callback parameter of a wrapped function, where the result of the callback counts: `await` it. In a thread it is a
 * promise, because the callback runs where it was made; in `syncCall` it is what the callback returns. The caller
 * passes a plain function or an `async` one.
 *
 * A callback whose result nobody takes needs no `Handle`: `(done: number) => void` will do. Code that blocks takes the
 * result with `syncWaitCoroutine`, and needs none either.
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

/** Whether `T` is a function whose result can cross. */
type IsCallable<T> = [T] extends [Function]
  ? Function extends T
    ? true
    : T extends (...args: never) => infer R
      ? IsIterator<R> extends true
        ? false
        : true
      : false
  : false;

/** Whether `F` returns a generator. Who returns another iterator may not be a generator function. */
type IsGenerator<F> = F extends (...args: never) => infer R
  ? IsIterator<R> extends true
    ? [R] extends [Generator<unknown, unknown, never> | AsyncGenerator<unknown, unknown, never>]
      ? true
      : false
    : false
  : false;

/** What the compiler shows for what cannot be wrapped. */
type Refusal = 'Only a function can be wrapped: no class, and with threadedIterable alone what returns an iterator';

/**
 * The arguments after `fn`, which fit only if `F` can be wrapped. The check stands here because one in the type of `fn`
 * itself keeps TypeScript from inferring functions such as `(x: number, y = 1) => x + y`.
 */
type Rest<F, Arguments extends unknown[]> = true extends IsCallable<F> | IsGenerator<F>
  ? Arguments
  : [refused: Refusal];

/** The type of a sole argument that is not a function to wrap: options, or the reason why nothing fits. */
type Sole<T, Options> = T extends Function ? T & Refusal : T extends object ? Options : Refusal;

/** The options of `F`, a generator function or not. */
type OptionsOf<F, OfFunction, OfGenerator> = IsGenerator<F> extends true ? OfGenerator : OfFunction;

/** Keeps a decorator's context, which has a `name`, from passing as options. */
type NotContext<Options> = Options & { readonly kind?: never };

// The constraint of `ClassMethodDecoratorContext` has `any`; `never` and `unknown` do not satisfy it.
// oxlint-disable-next-line typescript/no-explicit-any
type AsyncMethod<This> = (this: This, ...args: any) => Promise<unknown> | AsyncIterable<unknown>;

// In the signatures below the order matters: of those that do not fit, the compiler shows the last one's reason. The
// method decorator's is the first; it cannot change a method's type, so the method has to return a promise.

/** What `threaded(options)` gives: the wrapper and the method decorator with these options. */
export interface ThreadedWith {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Function>(fn: F, ...none: Rest<F, []>): Threaded<F>;
  (refused: Refusal): never;
}

/** What `threadedSeparate(options)` gives: the wrapper and the method decorator with these options. */
export interface ThreadedSeparateWith {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Function>(fn: F, ...none: Rest<F, []>): ThreadedSeparate<F>;
  (refused: Refusal): never;
}

/** The spellings of `threaded`: `threaded(fn)`, `threaded(fn, options)`, `threaded(options)` and `@threaded`. */
export interface ThreadedFunction {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Function>(
    fn: F,
    ...rest: Rest<F, [options?: NotContext<OptionsOf<F, ThreadedOptions, IterableOptions>>]>
  ): Threaded<F>;
  <T>(options: Sole<T, ThreadedOptions>): ThreadedWith;
}

/** The spellings of `threadedSeparate`, the same as those of `threaded`. */
export interface ThreadedSeparateFunction {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Function>(
    fn: F,
    ...rest: Rest<F, [options?: NotContext<OptionsOf<F, SeparateOptions, SeparateIterableOptions>>]>
  ): ThreadedSeparate<F>;
  <T>(options: Sole<T, SeparateOptions>): ThreadedSeparateWith;
}

/**
 * Whether `T` looks like a plain object that may have functions in it: an array, a `Map` and their like have keys that
 * are symbols, and an object of numbers and strings has nothing to call.
 */
type IsPlain<T> = T extends Function
  ? false
  : T extends object
    ? [Extract<keyof T, symbol>, Extract<T[keyof T], object>] extends [never, infer Inner]
      ? [Inner] extends [never]
        ? false
        : true
      : false
    : false;

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
 * called from another thread. What is not a function, and generator functions and classes, are not there. A module
 * without types stays without.
 */
export type Offload<M> =
  IsAny<M> extends true
    ? M
    : { readonly [K in CallableKeys<M>]: IsCallable<M[K]> extends true ? AsyncOf<M[K]> : Offload<M[K]> };

/** The signature of `offload`. */
export type OffloadFunction = <M>(load: () => Promise<M>, options?: ThreadedOptions) => Offload<M>;
