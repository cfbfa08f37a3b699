/** The types of threaded classes and objects, derived from the class. @module */

import type { IteratorOver } from '../../wrappers/iterable-types.ts';
import type { AsyncOf } from '../../wrappers/types.ts';
import type { EntityStream } from '../entity-stream.ts';
import type { ObjectCallOptions, ObjectOptions, StartOptions } from './options.ts';

/** A class whose instances can live in threads. */
export type AnyClass = new (...args: never[]) => object;

/** Options of `threadedObject`. */
export interface ThreadedClassOptions<N extends AnyClass = AnyClass> extends ObjectOptions {
  /**
   * Further classes whose instances stay in the thread: a method that returns one gives a proxy of it, not a copy. So
   * does one that returns an instance of the class itself. @defaultValue `[]`
   */
  nested?: readonly N[] | undefined;
}

type IsAny<T> = 0 extends 1 & T ? true : false;

/** The arrival of a result of type `R`: a proxy for an instance of a class `N` that stays in its thread. */
type Arrived<R, N extends AnyClass> =
  IsAny<R> extends true
    ? R
    : R extends EntityStream<unknown>
      ? R
      : R extends InstanceType<N>
        ? ThreadedObject<R, N>
        : R;

type IsIterating<R> = [R] extends [Generator<unknown, unknown, never> | AsyncGenerator<unknown, unknown, never>]
  ? IsAny<R> extends true
    ? false
    : true
  : false;

/** Whether a method's own type can be kept: it is `async`, and its result arrives as it is. */
type Keeps<R, N extends AnyClass> = [R] extends [Promise<infer T>]
  ? [Arrived<T, N>] extends [T]
    ? [T] extends [Arrived<T, N>]
      ? true
      : false
    : false
  : false;

/** The type of a member of type `V`: a method, a generator method, or a value that is read by a call. */
export type MemberOf<V, N extends AnyClass> = [Extract<V, (...args: never) => unknown>] extends [never]
  ? // One promise, also of a union such as `boolean`.
    Promise<Arrived<Awaited<V>, N>>
  : EachOf<V, N>;

type EachOf<V, N extends AnyClass> = V extends (...args: infer A) => infer R
  ? IsIterating<R> extends true
    ? (...args: A) => IteratorOver<R>
    : Keeps<R, N> extends true
      ? AsyncOf<V>
      : (...args: A) => Promise<Arrived<Awaited<R>, N>>
  : Promise<Arrived<Awaited<V>, N>>;

/** The names of members that can be reached: public ones with text names. */
type Names<T> = Exclude<Extract<keyof T, string>, 'constructor' | 'then' | 'toJSON' | '__proto__'>;

/** The members of `T`, as they are reached from elsewhere. */
export type Members<T, N extends AnyClass = never> = { readonly [K in Names<T>]: MemberOf<T[K], N> };

type IfEquals<A, B, Y, X> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? Y : X;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The names of members that can be set: fields and accessors that are not `readonly`. */
export type Settable<T> = {
  [K in Names<T>]: T[K] extends (...args: never) => unknown
    ? never
    : IfEquals<Pick<T, K>, Mutable<Pick<T, K>>, K, never>;
}[Names<T>];

/** Sets static members, unless the class has a static `set` of its own. */
export interface StaticControls<S> {
  /**
   * Sets a static field, or calls a static setter; resolves once that is done.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if `name` cannot be set.
   */
  set<K extends Settable<S>>(name: K, value: S[K]): Promise<void>;
}

/** The members that every threaded object has beside its own. */
export interface ObjectControls<T extends object, N extends AnyClass = never, S = unknown> extends AsyncDisposable {
  /**
   * Gives the same object, whose calls have these options.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: ObjectCallOptions): ThreadedObject<T, N, S>;

  /**
   * Sets a field, or calls a setter; resolves once that is done. An assignment could not be awaited, and its error
   * would be lost. Of several `instances` it sets that of the `key`, or else all.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_FOUND` if `name` cannot be set.
   */
  set<K extends Settable<T>>(name: K, value: T[K]): Promise<void>;

  /**
   * Waits until no call is in flight, runs the object's own `[Symbol.asyncDispose]` or `[Symbol.dispose]`, and ends its
   * thread. Open iterators are closed, and reject with `ERR_OFFLOOP_CLOSED`, as later calls do. A second release is the
   * same one.
   *
   * @throws What the object's own dispose throws; the thread has ended then too.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` if calls that were given up still run a second later; the thread has
   * ended, and the object was not disposed of. The same code after `disposeTimeout`, if the dispose does not end.
   */
  release(): Promise<void>;

  /**
   * The static members of the class in the object's thread, which `set` sets. Empty for an object that a method has
   * returned.
   */
  readonly statics: Members<Omit<S, 'prototype'>, N> & StaticControls<Omit<S, 'prototype'>>;

  /** The id of the object's thread; `undefined` once that has ended, and for several `instances`. */
  readonly threadId: number | undefined;

  /**
   * `'alive'`; `'restarting'` while it is started again; `'dead'` if its thread has ended, `'released'` after
   * `release()` was called.
   */
  readonly status: ObjectStatus;
}

export type ObjectStatus = 'alive' | 'restarting' | 'dead' | 'released';

/**
 * An object that lives in a thread: its members, and its {@link ObjectControls}. A member of the class hides a control
 * of the same name, which `controls(object)` still gives.
 */
export type ThreadedObject<T extends object, N extends AnyClass = never, S = unknown> = Members<T, N> &
  Omit<ObjectControls<T, N, S>, Names<T>> &
  AsyncDisposable;

/** A class whose instances live in threads of their own. */
export interface ThreadedClass<C extends AnyClass, N extends AnyClass = never> {
  readonly name: string;

  /**
   * Starts a thread, and constructs an instance in it, with these arguments.
   *
   * @throws What the constructor throws, or `OffloopError` as a call of `threadedSeparate` does.
   */
  start(...args: ConstructorParameters<C>): Promise<ThreadedObject<InstanceType<C>, N | C, C>>;

  /**
   * Gives the same class, whose objects are started with these options.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: StartOptions): Pick<ThreadedClass<C, N>, 'start'>;
}
