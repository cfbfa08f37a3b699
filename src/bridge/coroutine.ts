/** Functions that always run on the main side, even if a thread calls them. @module */

import { inspect } from 'node:util';
import { addressOnMain } from '../address/find/address-of.ts';
import { callSite } from '../address/call-site.ts';
import { register } from '../address/registry.ts';
import type { Definition } from '../address/registry.ts';
import { isTrappedCall } from '../address/trap/guards.ts';
import { noteFunction, noteWrapper, reachableAs } from '../address/wrapped.ts';
import { keepContexts } from '../context/here.ts';
import type { AsyncOf } from '../wrappers/types.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { runningCall } from '../wait/running-call.ts';
import type { CallbackName } from '../wait/running-call.ts';
import { Line } from '../base/line.ts';
import { ownOptions, count, kind } from '../base/options.ts';
import { threadState } from '../base/realm.ts';

/** Options of {@link coroutine}. */
export interface CoroutineOptions {
  /** How many calls may run at once; more wait, first come, first served. From 1. @defaultValue `Infinity` */
  concurrency?: number | undefined;

  /** The name in messages. @defaultValue the function's own name */
  name?: string | undefined;
}

/** The type of `coroutine(fn)`: the same parameters, and a promise of the result. */
export type Coroutine<F> = AsyncOf<F>;

const checks = { concurrency: count(1, { unbounded: true }), name: kind('string') };

/**
 * Makes a function that always runs on the main side. In a thread, `syncWaitCoroutine(f, …)` blocks the thread until
 * the call has settled, and `await f(…)` waits without blocking. On the main side it is an ordinary call.
 *
 * Call `coroutine` at the top level of a module that is loaded on both sides. The function runs in the context of the
 * call whose thread called it, overlaid with the context variables that the thread has changed; `callSignal()` inside
 * is aborted once nobody waits for the result. Arguments and result are copied. A call from a thread counts as a
 * callback: if its result is not awaited, the surrounding call waits for it and rejects with what it throws.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function, or an option is unknown or out of range.
 *
 * The promise rejects with what the function throws. In a thread it also rejects with `ERR_OFFLOOP_NOT_FOUND` if the
 * main side has no such function, and with `ERR_OFFLOOP_HANDLE_RELEASED` if the call that the thread runs has settled.
 *
 * @example
 * ```ts
 * export const price = coroutine(async (id: string) => (await fetch(`https://shop.example/${id}`)).json());
 * export const report = threaded((ids: string[]) => ids.map((id) => syncWaitCoroutine(price, id)));
 * ```
 */
export function coroutine<F extends (...args: never) => unknown>(fn: F, options: CoroutineOptions = {}): Coroutine<F> {
  if (typeof fn !== 'function')
    throw argumentError(`Cannot make a coroutine: expected a function, received ${typeof fn}`);
  const { concurrency = Infinity, name } = ownOptions('coroutine', options, checks);
  const definition = register(fn, callSite(coroutine), name === undefined ? {} : { name });
  // The coroutine may run on behalf of any call from now on, so calls have to keep their contexts.
  if (!threadState()) keepContexts();
  let line: Promise<Line> | undefined;
  const runHere = async (args: unknown[]): Promise<unknown> => {
    if (concurrency === Infinity) return Reflect.apply(fn, undefined, args);
    line ??= Line.ofAtMost(concurrency);
    return (await line).add(async () => Reflect.apply(fn, undefined, args) as unknown);
  };
  // The promise that a thread gets notices whether it is awaited, so it must not be wrapped in another promise.
  const wrapper = (...args: unknown[]): Promise<unknown> =>
    threadState() ? callOnMain(definition, args) : runHere(args);
  noteWrapper(wrapper, definition);
  noteFunction(fn, definition);
  return Object.defineProperties(wrapper, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
    [inspect.custom]: { value: () => `[coroutine: ${definition.name || '(anonymous)'}]` },
  }) as Coroutine<F>;
}

/** The name by which a running call asks the main side for `value`; `undefined` if the main side cannot reach it. */
export function nameOnMain(value: Function): CallbackName | undefined {
  const definition = reachableAs(value);
  return definition && nameOf(definition);
}

const nameOf = (definition: Definition): CallbackName => ({
  id: definition.id,
  address: () => addressOnMain(definition),
});

function callOnMain(definition: Definition, args: unknown[]): Promise<unknown> {
  if (threadState()?.loading !== undefined && isTrappedCall(definition.name)) return new Promise(() => {});
  return runningCall()?.callBack(nameOf(definition), args) ?? Promise.reject(noCall(definition.name));
}

/** The error for a coroutine that is called in a thread while no call runs there. */
export function noCall(name: string): OffloopError {
  const text = `Cannot call ${name || 'the coroutine'}: no call runs in this thread`;
  return new OffloopError('ERR_OFFLOOP_HANDLE_RELEASED', text);
}
