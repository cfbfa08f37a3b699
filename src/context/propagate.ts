/** Stores of others whose values go along with calls into other threads. @module */

import { argumentError } from '../base/errors.ts';
import { kind, ownOptions } from '../base/options.ts';
import { shared } from '../base/realm.ts';
import { checkName, crossingChecks, crossingOf } from './crossing.ts';
import type { CrossingOptions } from './crossing.ts';
import type { Crossing } from './variables.ts';

/** What has a value in each flow of control: an `AsyncLocalStorage`, or what is used like one. */
export interface ContextStore<T> {
  /** The value of here and now. */
  getStore(): T | undefined;

  /** Runs `fn` with `value`, and gives what it gives. */
  run<R>(value: T, fn: () => R): R;
}

/** A store of whatever values. */
interface AnyStore {
  getStore(): unknown;
  run(value: never, fn: () => never): unknown;
}

type ValueOf<S extends AnyStore> = NonNullable<ReturnType<S['getStore']>>;

/** Options of {@link propagate}. */
export interface PropagateOptions<T> extends CrossingOptions<T> {
  /** What the store is called, in all threads. @defaultValue the store's own `name`, where it has one */
  name?: string | undefined;
}

/** A store that goes along. */
export interface Propagated extends Crossing {
  readonly store: ContextStore<unknown>;
}

/** Those stores, by their names. */
export const propagated: Map<string, Propagated> = shared('propagated stores', () => new Map<string, Propagated>());

/**
 * Makes the value of `store` at a call the one that the function finds there in its thread, as with a `ContextVar`: for
 * the whole of the call, in each step of a generator, in callbacks, coroutines and the calls that it makes.
 *
 * Call it at the top level of a module that the function's module imports, so that the thread does so as well. A later
 * store of the same name takes the place of the one before. The value is what `serialize` gives, copied as an argument is.
 * Nothing else of what is in the program's stores crosses: they hold sockets and secrets.
 *
 * @returns The store.
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `store` is none, has no name and is given none, or an option is unknown.
 *
 * @example
 * ```ts
 * export const request = propagate(new AsyncLocalStorage<{ id: string; socket: Socket }>(), {
 *   name: 'request',
 *   serialize: ({ id }) => id,
 *   deserialize: (id: string) => ({ id }),
 * });
 * ```
 */
export function propagate<S extends AnyStore>(store: S, options: PropagateOptions<ValueOf<S>> = {}): S {
  if (!isStore(store)) throw argumentError('Cannot propagate: expected an AsyncLocalStorage');
  const own = ownOptions('propagate', options, { ...crossingChecks, name: kind('string') });
  const name = own.name ?? (store as { name?: unknown }).name;
  checkName('propagate a store', name);
  propagated.set(name, { ...crossingOf(own), store });
  return store;
}

function isStore(value: unknown): value is ContextStore<unknown> {
  const { getStore, run } = Object(value) as Partial<ContextStore<unknown>>;
  return typeof getStore === 'function' && typeof run === 'function';
}
