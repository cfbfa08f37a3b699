/** Variables whose values go along with calls into other threads. @module */

import { inspect } from 'node:util';
import { anything, ownOptions } from '../base/options.ts';
import { checkName, crossingChecks, crossingOf } from './crossing.ts';
import type { CrossingOptions } from './crossing.ts';
import { contexts } from './in-use.ts';
import { crossings, noValues, values } from './variables.ts';

/** Options of {@link ContextVar}. */
export interface ContextVarOptions<T> extends CrossingOptions<T> {
  /** The result of `get()` while the variable has no value. @defaultValue `undefined` */
  defaultValue?: T | undefined;
}

/**
 * A variable that has its own value in each asynchronous flow, like Python's `contextvars` and `AsyncLocalStorage`. The
 * value at a call is also set while the called function runs in its thread: from its first line to its last `finally`,
 * in each step of a generator, in the callbacks and coroutines that the function calls, and in the calls that it makes.
 *
 * Create it at the top level of the function's module, or of a module that it imports. Variables of the same name
 * are the same variable. The value is copied as an argument is; a value that a thread sets is not copied back, and does
 * not remain for the next call in that thread. A callback or coroutine that the thread calls sees the values that the
 * thread has set, and otherwise those of the caller.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the name is missing or empty, or an option is unknown.
 *
 * @example
 * ```ts
 * export const userId = new ContextVar<number>('user_id');
 * export const audit = threaded((action: string) => appendFileSync('audit.log', `${userId.get()} ${action}\n`));
 *
 * userId.run(7, () => audit('login')); // the thread writes "7 login"
 * ```
 */
class Variable<T> {
  readonly name: string;
  readonly #defaultValue: T | undefined;

  constructor(name: string, given: ContextVarOptions<T> = {}) {
    checkName('a context variable', name);
    const options = ownOptions(`the context variable ${name}`, given, { ...crossingChecks, defaultValue: anything });
    this.name = name;
    this.#defaultValue = options.defaultValue;
    crossings.set(name, crossingOf(options));
  }

  /** The current value, or the default. */
  get(): T | undefined {
    const here = values.getStore();
    const value = here?.get(this.name);
    return value !== undefined || here?.has(this.name) ? (value as T | undefined) : this.#defaultValue;
  }

  /**
   * Sets the value from here on: for what follows in this function and what it starts, as `AsyncLocalStorage.enterWith`
   * does. In a call in a thread it holds until the call ends.
   */
  set(value: T): void {
    contexts.areUsed = true;
    values.enterWith(this.#with(value));
  }

  /** Runs `fn` with `value`, and returns its result; outside `fn` nothing changes. */
  run<R, A extends unknown[]>(value: T, fn: (...args: A) => R, ...args: A): R {
    contexts.areUsed = true;
    return values.run(this.#with(value), fn, ...args);
  }

  #with(value: T): ReadonlyMap<string, unknown> {
    return new Map(values.getStore() ?? noValues).set(this.name, value);
  }

  static {
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: Variable<unknown>) {
        return `ContextVar { ${this.name}: ${inspect(this.get())} }`;
      },
    });
  }
}

/** A variable whose value goes along with calls; see the constructor. */
export interface ContextVar<T> extends Pick<Variable<T>, 'name' | 'run' | 'set'> {
  get(): T;
}

interface ContextVarConstructor {
  new <T>(name: string, options: ContextVarOptions<T> & { defaultValue: T }): ContextVar<T>;
  new <T>(name: string, options?: ContextVarOptions<T>): ContextVar<T | undefined>;
}

export const ContextVar: ContextVarConstructor = Object.defineProperty(Variable, 'name', {
  value: 'ContextVar',
});
