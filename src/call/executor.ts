/** The interface to which wrappers submit calls: a pool, dedicated threads, or another runner of calls. @module */

import type { Call } from './call.ts';

/** The property that marks an executor, whichever copy of the library made it. */
const executor = Symbol.for('offloop.executor@1');

/** Runs calls. The option `pool` takes any; its prototype has `true` under `Symbol.for('offloop.executor@1')`. */
export interface Executor {
  /** What `stats()`, metrics and traces call it. */
  readonly name?: string;

  /** How many calls the executor runs at once; `Infinity` for no bound. */
  readonly concurrency: number;

  /**
   * Takes a call, and settles it in any case: a call that the executor does not run, it fails.
   *
   * @internal
   */
  submit(call: Call): void;

  /** Whether it refuses calls for want of room; then {@link ready} says when there is some. */
  readonly isBounded?: boolean;

  /** Resolves as soon as a call would not be refused for want of room. */
  ready?(options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** Whether calls of one `key` share a thread for as long as it lives: it is not replaced after a number of calls. */
  readonly keepsThreads?: boolean;

  /** What the executor is doing, and what it has done. */
  stats(): object;

  /** Refuses further calls with `ERR_OFFLOOP_CLOSED`; resolves once all earlier calls are over. */
  close(): Promise<void>;
}

/** Marks the instances of `type` as executors. */
export function makeExecutor(type: { readonly prototype: Executor }): void {
  Object.defineProperty(type.prototype, executor, { value: true });
}

/** Whether `value` is an executor. */
export function isExecutor(value: unknown): value is Executor {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[executor] === true;
}
