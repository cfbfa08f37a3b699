/** Existing stores whose values go along with calls into other threads. @module */

import { argumentError } from '../base/errors.ts';
import { kind, ownOptions } from '../base/options.ts';
import { shared } from '../base/realm.ts';
import { checkName, crossingChecks, crossingOf } from './crossing.ts';
import type { CrossingOptions } from './crossing.ts';
import { contexts } from './in-use.ts';
import type { Crossing } from './variables.ts';

/** An `AsyncLocalStorage`, or an object with the same two methods. */
export interface ContextStore<T> {
  /** The current value. */
  getStore(): T | undefined;

  /** Runs `fn` with `value` as the current value, and returns its result. */
  run<R>(value: T, fn: () => R): R;
}

/** A store with values of any type. */
interface AnyStore {
  getStore(): unknown;
  run(value: never, fn: () => never): unknown;
}

type ValueOf<S extends AnyStore> = NonNullable<ReturnType<S['getStore']>>;

/** Options of {@link propagate}. */
export interface PropagateOptions<T> extends CrossingOptions<T> {
  /** The name of the store, the same in all threads. @defaultValue the store's own `name`, if it has one */
  name?: string | undefined;
}

/** A store whose values go along with calls. */
export interface Propagated extends Crossing {
  readonly store: ContextStore<unknown>;
}

/** The propagated stores by their names. */
export const propagated: Map<string, Propagated> = shared('propagated stores', () => new Map<string, Propagated>());

/**
 * Sends the value of `store` along with each call, as with a `ContextVar`: the called function finds it in the same
 * store in its thread, for the whole call, in each step of a generator, in callbacks and coroutines, and in the calls
 * that it makes.
 *
 * Call it at the top level of a module that the function's module imports, so that the thread does so too. A later
 * store of the same name replaces the earlier one. The value is what `serialize` returns, copied as an argument is.
 * Values of other stores never cross: stores hold sockets and secrets.
 *
 * @returns The store.
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `store` is not a store, if neither it nor the options have a name, or
 * if an option is unknown.
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
  contexts.areUsed = true;
  propagated.set(name, { ...crossingOf(own), store });
  return store;
}

function isStore(value: unknown): value is ContextStore<unknown> {
  const { getStore, run } = Object(value) as Partial<ContextStore<unknown>>;
  return typeof getStore === 'function' && typeof run === 'function';
}
