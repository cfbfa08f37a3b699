/** What wrapping does to the type of a function that gives items, and the options of such wrappers. @module */

import type { Transferable } from 'node:worker_threads';
import type { ThreadedIterator } from '../channel/threaded-iterator.ts';
import type { Overflow } from '../channel/ring.ts';
import type { OwnThread, Placement, Wrapping } from './option-types.ts';

/** What can be said for every iterator when a function is wrapped, and anew for each call. */
interface IterableDefaults {
  /**
   * How many items may exist that were not taken: a whole number from 0, or `Infinity`. `0` is lock-step: the generator
   * advances only when it is asked. @defaultValue as `configure` says: `1024`
   */
  maxSize?: number | undefined;

  /**
   * What happens where `maxSize` items wait: `block` lets the generator wait, `error` throws `ERR_OFFLOOP_OVERFLOW` at its
   * `yield`, `drop-oldest` and `drop-newest` drop an item. @defaultValue `'block'`
   */
  overflow?: Overflow | undefined;

  /**
   * How long a generator that was closed, or ran for too long, may take to end, in milliseconds; its thread is ended then.
   * Above 0.
   * @defaultValue `5000`
   */
  closeTimeout?: number | undefined;

  /** Closes the iterator: a pending `next()`, or else the next one, rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;

  /**
   * How long the generator may run, in milliseconds, from its start to its end: what it waits for its consumer counts, while
   * starting a thread, waiting for one and loading the module do not. After it `next()` gives the items that wait, then
   * rejects with `ERR_OFFLOOP_TIMEOUT`; the generator is closed. Above 0. @defaultValue `Infinity`
   */
  timeout?: number | undefined;

  /**
   * How long the generator may wait for a thread, in milliseconds. After it `next()` rejects with
   * `ERR_OFFLOOP_QUEUE_TIMEOUT`. Above 0. @defaultValue `Infinity`
   */
  queueTimeout?: number | undefined;

  /** Which waits first for a thread: the higher number; equals in the order of their starts. @defaultValue `0` */
  priority?: number | undefined;
}

/** What can be said only for one iterator. */
interface SingleIterable {
  /** What moves to the thread instead of being copied; it is unusable here from the call on. @defaultValue `[]` */
  transfer?: readonly Transferable[] | undefined;
}

/** Options of one call of a `threadedIterable` function; they go before those it was wrapped with. */
export interface IterableCallOptions extends IterableDefaults, Placement, SingleIterable {}

/** Options of `threadedIterable`, for all calls. */
export interface IterableOptions extends IterableDefaults, Placement, Wrapping {}

/** Options of one call of a `threadedIterableSeparate` function; they go before those it was wrapped with. */
export interface SeparateIterableCallOptions extends IterableDefaults, OwnThread, SingleIterable {}

/** Options of `threadedIterableSeparate`, for all calls. */
export interface SeparateIterableOptions extends IterableDefaults, OwnThread, Wrapping {}

/** The iterator over the items of `S`, which a function returns. */
export type IteratorOver<S> =
  Awaited<S> extends Generator<infer T, infer R, infer N> | AsyncGenerator<infer T, infer R, infer N>
    ? ThreadedIterator<Awaited<T>, R, N>
    : Awaited<S> extends Iterable<infer T> | AsyncIterable<infer T>
      ? ThreadedIterator<Awaited<T>>
      : never;

/** `F` as it is called from another thread: the same parameters, and an iterator over its items. */
export type IterableOf<F> = F extends (...args: infer A) => infer S
  ? unknown extends ThisParameterType<F>
    ? (...args: A) => IteratorOver<S>
    : (this: ThisParameterType<F>, ...args: A) => IteratorOver<S>
  : never;

export interface IterableMembers<F, Options> {
  /** The function itself: its generator runs here, and blocks. */
  readonly syncCall: F;

  /** The wrapper itself, for where its name should say what it does. */
  readonly asyncCall: IterableOf<F>;

  /**
   * Gives a function whose calls have these options.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: Options): IterableOf<F>;
}

/** What `threadedIterable` makes of the function `F`. */
export type ThreadedIterable<F> = IterableOf<F> & IterableMembers<F, IterableCallOptions>;

/** What `threadedIterableSeparate` makes of the function `F`. */
export type ThreadedIterableSeparate<F> = IterableOf<F> & IterableMembers<F, SeparateIterableCallOptions>;

/** A function that can be wrapped. */
// Parameters of any types: functions with `this` and with generics are no functions of `never` or `unknown`.
// oxlint-disable-next-line typescript/no-explicit-any
type Source = (this: any, ...args: any) => IterableLike | PromiseLike<IterableLike>;
type IterableLike = Iterable<unknown> | AsyncIterable<unknown>;

// The constraint of `ClassMethodDecoratorContext` has `any`; `never` and `unknown` do not satisfy it.
// oxlint-disable-next-line typescript/no-explicit-any
type IterableMethod<This> = (this: This, ...args: any) => AsyncIterable<unknown>;

/** What `threadedIterable(options)` gives: the wrapper and the method decorator with these options. */
export interface ThreadedIterableWith {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Source>(fn: F): ThreadedIterable<F>;
}

/** What `threadedIterableSeparate(options)` gives: the wrapper and the method decorator with these options. */
export interface ThreadedIterableSeparateWith {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Source>(fn: F): ThreadedIterableSeparate<F>;
}

type NotContext<Options> = Options & { readonly kind?: never };

/** The spellings of `threadedIterable`: with a function, a function and options, options alone, and as a decorator. */
export interface ThreadedIterableFunction {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Source>(fn: F, options?: NotContext<IterableOptions>): ThreadedIterable<F>;
  (options: IterableOptions): ThreadedIterableWith;
}

/** The spellings of `threadedIterableSeparate`, the same as those of `threadedIterable`. */
export interface ThreadedIterableSeparateFunction {
  <This, M extends IterableMethod<This>>(method: M, context: ClassMethodDecoratorContext<This, M>): M;
  <F extends Source>(fn: F, options?: NotContext<SeparateIterableOptions>): ThreadedIterableSeparate<F>;
  (options: SeparateIterableOptions): ThreadedIterableSeparateWith;
}
