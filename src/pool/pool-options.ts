/** The options of a pool. @module */

import { checkOptions, count, kind } from './options.ts';
import type { ThreadOptions } from './start.ts';

/** Options of `ThreadPool`. */
export interface ThreadPoolOptions extends ThreadOptions {
  /** How many threads at the most; a whole number from 1. @defaultValue `availableParallelism()`, cgroup limits seen */
  size?: number;

  /** How many calls may wait for a thread before more are refused; a whole number from 0. @defaultValue `Infinity` */
  maxQueue?: number;

  /**
   * How long, in milliseconds, an aborted call that was given an `AbortSignal` may take to end by itself before its
   * thread is terminated; from 0. @defaultValue `1000`
   */
  grace?: number;

  /** Shown when the pool is printed. @defaultValue `'pool'` */
  name?: string;
}

/** Options of `ThreadPool.close`. */
export interface CloseOptions {
  /** How long to wait for the calls that are left, in milliseconds; from 0. @defaultValue `Infinity` */
  timeout?: number;
}

/**
 * Checks `options`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
 */
export function checkPoolOptions(options: ThreadPoolOptions): void {
  checkOptions('ThreadPool', options, poolChecks);
}

/** The same for those of `close`. */
export function checkCloseOptions(options: CloseOptions): void {
  checkOptions('close', options, { timeout: count(0, { unbounded: true }) });
}

const poolChecks = {
  size: count(1),
  maxQueue: count(0, { unbounded: true }),
  grace: count(0, { unbounded: true }),
  name: kind('string'),
  env: kind('object', 'symbol'),
  execArgv: kind('object'),
  resourceLimits: kind('object'),
};

/** Those options that are the threads'. */
export function threadOptions({ env, execArgv, resourceLimits }: ThreadPoolOptions): ThreadOptions {
  return { ...(env && { env }), ...(execArgv && { execArgv }), ...(resourceLimits && { resourceLimits }) };
}
