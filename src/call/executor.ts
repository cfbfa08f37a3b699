/** What a wrapper hands its calls to: a pool, the threads of single calls, or something else that runs them. @module */

import type { Call } from './call.ts';

/** The property by which an executor is known, whichever copy of the library has made it. */
const executor = Symbol.for('offloop.executor@1');

/** Runs calls. The option `pool` takes any; its prototype has `true` under `Symbol.for('offloop.executor@1')`. */
export interface Executor {
  /** How many calls it runs at once; `Infinity` if that has no bound. */
  readonly concurrency: number;

  /**
   * Takes a call in, which it settles in any case: what it does not run, it fails.
   *
   * @internal
   */
  submit(call: Call): void;

  /** What it is doing, and what it has done. */
  stats(): object;

  /** Refuses further calls with `ERR_OFFLOOP_CLOSED`; resolves once those that it has are over. */
  close(): Promise<void>;
}

/** Makes the instances of `type` known as executors. */
export function makeExecutor(type: { readonly prototype: Executor }): void {
  Object.defineProperty(type.prototype, executor, { value: true });
}

/** Whether `value` is one. */
export function isExecutor(value: unknown): value is Executor {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[executor] === true;
}
