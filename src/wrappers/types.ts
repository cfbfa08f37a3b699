/** The types of wrapped functions, and the options of wrappers and of their calls. @module */

import type { Transferable } from 'node:worker_threads';
import type {
  IterableOptions,
  SeparateIterableOptions,
  ThreadedIterable,
  ThreadedIterableSeparate,
} from './iterable-types.ts';
import type { OwnThread, Placement, Repetition, Wrapping } from './option-types.ts';

/** Options that can be set for all calls when a function is wrapped, and overridden for each call. */
interface CallDefaults {
  /**
   * How long the function may run, in milliseconds, from the moment it starts; starting a thread, waiting for one and
   * loading the module do not count. After that time the call rejects with `ERR_OFFLOOP_TIMEOUT`. Above 0.
   * @defaultValue `Infinity`
   */
  timeout?: number | undefined;

  /**
   * How long the call may wait for a thread, in milliseconds. After that time the call rejects with
   * `ERR_OFFLOOP_QUEUE_TIMEOUT`. Above 0. @defaultValue `Infinity`
   */
  queueTimeout?: number | undefined;

  /** The waiting call with the higher number starts first; equals start in the order of the calls. @defaultValue `0` */
  priority?: number | undefined;
}

/** Options that can be set only for one call. */
interface SingleCall {
  /** Aborts the call: it rejects with `signal.reason`, whether it waits or runs. @defaultValue none */
  signal?: AbortSignal | undefined;

  /**
   * The objects that are moved to the thread instead of copied; they are unusable here from then on. @defaultValue `[]`
   */
  transfer?: readonly Transferable[] | undefined;
}

/** Options of one call of a `threaded` function; they override those of the wrapper. */
export interface CallOptions extends CallDefaults, Placement, Repetition, SingleCall {}

/** Options of `threaded` and `offload`, for all calls. */
export interface ThreadedOptions extends CallDefaults, Placement, Repetition, Wrapping {}

/** Options of one call of a `threadedSeparate` function; they override those of the wrapper. */
export interface SeparateCallOptions extends CallDefaults, OwnThread, SingleCall {}

/** Options of `threadedSeparate`, for all calls. */
export interface SeparateOptions extends CallDefaults, OwnThread, Wrapping {}

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Whether `R` is a plain promise already, so that wrapping need not change the return type. */
type IsPromise<R> =
  IsAny<R> extends true
    ? false
    : [R] extends [PromiseLike<unknown>]
      ? Promise<Awaited<R>> extends R
        ? true
        : false
      : false;

/** The return type of a wrapper whose function returns `R`. */
export type Offloaded<R> = Promise<Awaited<R>>;

/**
 * The type of `F` when called through a wrapper: the same parameters, and a promise of the result.
 *
 * An `async` function has that type already and keeps it, type parameters and overloads included. For other functions
 * TypeScript cannot keep these: only the last overload remains, and a type parameter becomes its constraint.
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

/** The members of a wrapper beside its call. */
export interface Members<F, Options> {
  /** The wrapped function itself: runs here and now, and blocks this thread. */
  readonly syncCall: F;

  /** The wrapper itself, for code in which the name should say that the call is asynchronous. */
  readonly asyncCall: AsyncOf<F>;

  /**
   * Gives a function whose calls have these options.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: Options): AsyncOf<F>;
}

/**
 * The type of `threaded(fn)` for a function of type `F`; a generator function is wrapped as `threadedIterable` does.
 */
export type Threaded<F> = IsGenerator<F> extends true ? ThreadedIterable<F> : AsyncOf<F> & Members<F, CallOptions>;

/** The type of `threadedSeparate(fn)`; a generator function is wrapped as `threadedIterableSeparate` does. */
export type ThreadedSeparate<F> =
  IsGenerator<F> extends true ? ThreadedIterableSeparate<F> : AsyncOf<F> & Members<F, SeparateCallOptions>;

/**
 * The type of a callback parameter of a wrapped function that uses the callback's result: `await` the result. In a
 * thread it is a promise, because the callback runs in the thread of the caller; in `syncCall` it is what the callback
 * returns. The caller passes a plain function or an `async` one.
 *
 * A callback whose result is not used needs no `Handle`: `(done: number) => void` will do. Nor does one that blocking
 * code calls with `syncWaitCoroutine`.
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
  // A union of two functions: a function of any result is assignable to one that returns `void`, but not to one that
  // returns `void | Promise<void>`.
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

/**
 * Whether `F` returns a generator. A function that returns another kind of iterator need not be a generator function.
 */
type IsGenerator<F> = F extends (...args: never) => infer R
  ? IsIterator<R> extends true
    ? [R] extends [Generator<unknown, unknown, never> | AsyncGenerator<unknown, unknown, never>]
      ? true
      : false
    : false
  : false;

/** The compiler shows this text for an argument that cannot be wrapped. */
type Refusal = 'Only a function can be wrapped: no class, and with threadedIterable alone what returns an iterator';

/**
 * The type of the arguments after `fn`, which no argument list fits if `F` cannot be wrapped. The check is not in the
 * type of `fn` itself, where it would keep TypeScript from inferring functions such as `(x: number, y = 1) => x + y`.
 */
type Rest<F, Arguments extends unknown[]> = true extends IsCallable<F> | IsGenerator<F>
  ? Arguments
  : [refused: Refusal];

/** The type of a sole argument that is not a function: options, or the reason why the argument is refused. */
type Sole<T, Options> = T extends Function ? T & Refusal : T extends object ? Options : Refusal;

/** The type of the options of the wrapper of `F`. */
type OptionsOf<F, OfFunction, OfGenerator> = IsGenerator<F> extends true ? OfGenerator : OfFunction;

/** Keeps a decorator's context, which has a `name`, from passing as options. */
type NotContext<Options> = Options & { readonly kind?: never };

// The constraint of `ClassMethodDecoratorContext` has `any`; `never` and `unknown` do not satisfy it.
// oxlint-disable-next-line typescript/no-explicit-any
type AsyncMethod<This> = (this: This, ...args: any) => Promise<unknown> | AsyncIterable<unknown>;

// The order of the signatures below matters: if none fits, the compiler shows the reason of the last. The first is that
// of the method decorator; a decorator cannot change a method's type, so the method itself has to return a promise.

/** The result of `threaded(options)`: a wrapper and method decorator with these options. */
export interface ThreadedWith {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends AsyncMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Function>(fn: F, ...none: Rest<F, []>): Threaded<F>;
  (refused: Refusal): never;
}

/** The result of `threadedSeparate(options)`: a wrapper and method decorator with these options. */
export interface ThreadedSeparateWith {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends AsyncMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Function>(fn: F, ...none: Rest<F, []>): ThreadedSeparate<F>;
  (refused: Refusal): never;
}

/** The ways to call `threaded`: `threaded(fn)`, `threaded(fn, options)`, `threaded(options)` and `@threaded`. */
export interface ThreadedFunction {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends AsyncMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Function>(
    fn: F,
    ...rest: Rest<F, [options?: NotContext<OptionsOf<F, ThreadedOptions, IterableOptions>>]>
  ): Threaded<F>;
  <T>(options: Sole<T, ThreadedOptions>): ThreadedWith;
}

/** The ways to call `threadedSeparate`, the same as those of `threaded`. */
export interface ThreadedSeparateFunction {
  <This, M extends AsyncMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends AsyncMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Function>(
    fn: F,
    ...rest: Rest<F, [options?: NotContext<OptionsOf<F, SeparateOptions, SeparateIterableOptions>>]>
  ): ThreadedSeparate<F>;
  <T>(options: Sole<T, SeparateOptions>): ThreadedSeparateWith;
}

/**
 * Whether `T` looks like a plain object that may contain functions. Arrays, `Map`s and the like are excluded by their
 * symbol keys, and an object of numbers and strings has nothing to call.
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

/**
 * The keys of `M` whose values are, or contain, functions. `then` is excluded, since the proxy would be taken for a
 * promise.
 */
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
 * The type of `offload(load)` for the module `M`: the functions that it exports, also those in plain objects and in
 * `default`, each with the type of its wrapper. Generator functions, classes and values that are not functions are left
 * out. A module without types remains `any`.
 */
export type Offload<M> =
  IsAny<M> extends true
    ? M
    : { readonly [K in CallableKeys<M>]: IsCallable<M[K]> extends true ? AsyncOf<M[K]> : Offload<M[K]> };

/** The signature of `offload`. */
export type OffloadFunction = <M>(load: () => Promise<M>, options?: ThreadedOptions) => Offload<M>;
