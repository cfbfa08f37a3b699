/** Iterators over the items of functions that were not wrapped before. @module */

import { callSite } from '../address/call-site.ts';
import { register } from '../address/registry.ts';
import type { Definition } from '../address/registry.ts';
import { noteFunction, reachableAs, receiverOf } from '../address/wrapped.ts';
import { argumentError } from '../base/errors.ts';
import { bare } from '../base/options.ts';
import type { ThreadedIterator } from '../channel/threaded-iterator.ts';
import { iterate } from './iterable-wrapper.ts';
import type { IterableCallOptions, IteratorOver, SeparateIterableCallOptions } from './iterable-types.ts';
import { checks, settings, streamPlan } from './plan.ts';
import type { Settings, WrapperKind } from './plan.ts';
import { separateRoute } from './threaded-separate.ts';
import { pooledRoute } from './threaded.ts';
import type { Route } from './wrapper.ts';

/** The arguments of the function; they stand beside the options of the call. */
interface WithArguments<A extends readonly unknown[]> {
  /** The arguments that the function is called with. @defaultValue `[]` */
  args?: A | undefined;
}

/** Makes an iterator over the items of a function; can be called with or without `new`. */
interface IteratorWrapperFunction<Options> {
  new <A extends readonly unknown[], S>(fn: (...args: A) => S, options?: Options & WithArguments<A>): IteratorOver<S>;
  <A extends readonly unknown[], S>(fn: (...args: A) => S, options?: Options & WithArguments<A>): IteratorOver<S>;
}

/**
 * Iterates over the items of `fn` in a thread of a pool, without wrapping `fn` first. `fn` is a generator function, or
 * a function that returns an iterable. A thread finds `fn` if it was wrapped before, or if the module that makes the
 * iterator exports it under its name.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function, or an option is unknown or out of range. The
 * iterator's `next()` rejects with `ERR_OFFLOOP_NOT_FOUND` if threads do not find `fn`; otherwise it rejects as the
 * `next()` of `threadedIterable` does.
 *
 * @example
 * ```ts
 * export function* chunks() {
 *   for (;;) yield randomBytes(1024);
 * }
 *
 * await using pool = new ThreadPool({ size: 1 });
 * const hash = createHash('md5');
 * for await (const chunk of new IteratorWrapper(chunks, { pool, maxSize: 2 })) hash.update(chunk);
 * ```
 */
export const IteratorWrapper: IteratorWrapperFunction<IterableCallOptions> = wrapperAt('threadedIterable', pooledRoute);

/**
 * As {@link IteratorWrapper}, in a dedicated thread that ends with the iterator.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, as `IteratorWrapper` does.
 */
export const IteratorWrapperSeparate: IteratorWrapperFunction<SeparateIterableCallOptions> = wrapperAt(
  'threadedIterableSeparate',
  separateRoute,
);

function wrapperAt<Options>(
  kind: WrapperKind,
  routeOf: (kind: WrapperKind, options: Settings) => Route,
): IteratorWrapperFunction<Options> {
  const of = kind === 'threadedIterable' ? 'IteratorWrapper' : 'IteratorWrapperSeparate';
  function make(fn: unknown, given: { args?: unknown } = {}): ThreadedIterator<unknown> {
    if (typeof fn !== 'function') throw argumentError(`Cannot iterate: expected a function, received ${typeof fn}`);
    const { args = [], ...rest } = bare(given);
    if (!Array.isArray(args))
      throw argumentError(`Cannot use the option args of ${of}: expected an array, received ${typeof args}`);
    const options = settings(of, rest, checks[kind].call);
    const plan = streamPlan(of, options);
    const route = routeOf(kind, options);
    return iterate(definitionAt(fn, make), { route, plan, options }, receiverOf(fn), args, make);
  }
  return Object.defineProperty(make, 'name', { value: of }) as unknown as IteratorWrapperFunction<Options>;
}

/** The definition of `fn` if it was wrapped before, else one as an export of the module that called `above`. */
function definitionAt(fn: Function, above: Function): Definition {
  const known = reachableAs(fn);
  if (known) return known;
  const definition = register(fn, callSite(above), { exported: true });
  noteFunction(fn, definition);
  return definition;
}
