/** The types of wrapped generator functions, and the options of their wrappers and calls. @module */

import type { Transferable } from 'node:worker_threads';
import type { ThreadedIterator } from '../channel/threaded-iterator.ts';
import type { Overflow } from '../channel/ring/ring.ts';
import type { OwnThread, Placement, Wrapping } from './option-types.ts';

/** Options that can be set for all calls when a function is wrapped, and overridden for each call. */
interface IterableDefaults {
  /**
   * How many items may exist that the consumer has not taken: a whole number from 0, or `Infinity`. `0` is lock-step:
   * the generator advances only when `next()` is called. @defaultValue as `configure` says: `1024`
   */
  maxSize?: number | undefined;

  /**
   * What happens to an item when `maxSize` items wait: `block` makes the generator wait, `error` throws
   * `ERR_OFFLOOP_OVERFLOW` at its `yield`, `drop-oldest` and `drop-newest` drop an item. @defaultValue `'block'`
   */
  overflow?: Overflow | undefined;

  /**
   * How long a generator may take to end after it was closed or has timed out, in milliseconds; after that its thread
   * is terminated. Above 0.
   * @defaultValue `5000`
   */
  closeTimeout?: number | undefined;

  /** Closes the iterator: a pending `next()`, or else the next one, rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;

  /**
   * How long the generator may run, in milliseconds, from its start to its end. Waiting for the consumer counts;
   * starting a thread, waiting for one and loading the module do not. After that time the generator is closed, and
   * `next()` gives the items that wait, then rejects with `ERR_OFFLOOP_TIMEOUT`. Above 0. @defaultValue `Infinity`
   */
  timeout?: number | undefined;

  /**
   * How long the generator may wait for a thread, in milliseconds. After that time `next()` rejects with
   * `ERR_OFFLOOP_QUEUE_TIMEOUT`. Above 0. @defaultValue `Infinity`
   */
  queueTimeout?: number | undefined;

  /** The higher number gets a thread first; among equals, the one that started first. @defaultValue `0` */
  priority?: number | undefined;
}

/** Options that can be set only for one iterator. */
interface SingleIterable {
  /**
   * The objects that are moved to the thread instead of copied; they are unusable here from then on. @defaultValue `[]`
   */
  transfer?: readonly Transferable[] | undefined;
}

/** Options of one call of a `threadedIterable` function; they override those of the wrapper. */
export interface IterableCallOptions extends IterableDefaults, Placement, SingleIterable {}

/** Options of `threadedIterable`, for all calls. */
export interface IterableOptions extends IterableDefaults, Placement, Wrapping {}

/** Options of one call of a `threadedIterableSeparate` function; they override those of the wrapper. */
export interface SeparateIterableCallOptions extends IterableDefaults, OwnThread, SingleIterable {}

/** Options of `threadedIterableSeparate`, for all calls. */
export interface SeparateIterableOptions extends IterableDefaults, OwnThread, Wrapping {}

/** The iterator that a wrapper returns if the wrapped function returns `S`. */
export type IteratorOver<S> =
  Awaited<S> extends Generator<infer T, infer R, infer N> | AsyncGenerator<infer T, infer R, infer N>
    ? ThreadedIterator<Awaited<T>, R, N>
    : Awaited<S> extends Iterable<infer T> | AsyncIterable<infer T>
      ? ThreadedIterator<Awaited<T>>
      : never;

/** The type of the wrapper of `F`: the same parameters, and an iterator over the items of `F`. */
export type IterableOf<F> = F extends (...args: infer A) => infer S
  ? unknown extends ThisParameterType<F>
    ? (...args: A) => IteratorOver<S>
    : (this: ThisParameterType<F>, ...args: A) => IteratorOver<S>
  : never;

export interface IterableMembers<F, Options> {
  /** The wrapped function itself. Its generator runs here and blocks this thread. */
  readonly syncCall: F;

  /** The wrapper itself, for code in which the name should say that the call is asynchronous. */
  readonly asyncCall: IterableOf<F>;

  /**
   * Gives a function whose calls have these options.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: Options): IterableOf<F>;
}

/** The type of `threadedIterable(fn)` for a function of type `F`. */
export type ThreadedIterable<F> = IterableOf<F> & IterableMembers<F, IterableCallOptions>;

/** The type of `threadedIterableSeparate(fn)` for a function of type `F`. */
export type ThreadedIterableSeparate<F> = IterableOf<F> & IterableMembers<F, SeparateIterableCallOptions>;

// A function that can be wrapped. `any` is needed: with `never` or `unknown`, functions with `this` and generic
// functions would not be assignable.
// oxlint-disable-next-line typescript/no-explicit-any
type Source = (this: any, ...args: any) => IterableLike | PromiseLike<IterableLike>;
type IterableLike = Iterable<unknown> | AsyncIterable<unknown>;

// The constraint of `ClassMethodDecoratorContext` has `any`; `never` and `unknown` do not satisfy it.
// oxlint-disable-next-line typescript/no-explicit-any
type IterableMethod<This> = (this: This, ...args: any) => AsyncIterable<unknown>;

/** The result of `threadedIterable(options)`: a wrapper and method decorator with these options. */
export interface ThreadedIterableWith {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends IterableMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Source>(fn: F): ThreadedIterable<F>;
}

/** The result of `threadedIterableSeparate(options)`: a wrapper and method decorator with these options. */
export interface ThreadedIterableSeparateWith {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends IterableMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Source>(fn: F): ThreadedIterableSeparate<F>;
}

type NotContext<Options> = Options & { readonly kind?: never };

/** The ways to call `threadedIterable`: with a function, a function and options, options alone, or as a decorator. */
export interface ThreadedIterableFunction {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends IterableMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Source>(fn: F, options?: NotContext<IterableOptions>): ThreadedIterable<F>;
  (options: IterableOptions): ThreadedIterableWith;
}

/** The ways to call `threadedIterableSeparate`, the same as those of `threadedIterable`. */
export interface ThreadedIterableSeparateFunction {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <M extends IterableMethod<never>>(target: object, key: string | symbol, method: TypedPropertyDescriptor<M>): void;
  <F extends Source>(fn: F, options?: NotContext<SeparateIterableOptions>): ThreadedIterableSeparate<F>;
  (options: SeparateIterableOptions): ThreadedIterableSeparateWith;
}
