/** Limits of waits. @module */

import { OffloopError } from '../base/errors.ts';
import { bare, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';

/** How long to wait. */
export interface WaitOptions {
  /** How long to wait at the most, in milliseconds; then `ERR_OFFLOOP_TIMEOUT` is thrown. From 0. @defaultValue `Infinity` */
  timeout?: number | undefined;

  /**
   * Ends the wait: `signal.reason` is thrown. While a thread blocks, only a signal that was an argument of its call can be
   * aborted, and `callSignal()`, which ends every wait by itself. @defaultValue none
   */
  signal?: AbortSignal | undefined;
}

/** What it means to be given none. */
export const noOptions: WaitOptions = bare({});

const checks: Readonly<Record<string, Check>> = {
  timeout: timeLimit,
  signal: signalCheck,
};

/**
 * The limits that `options` says.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option and what it is `of`.
 */
export function waitOptions(of: string, options: WaitOptions): WaitOptions {
  return options === noOptions ? options : ownOptions(of, options, checks);
}

/** The error for a wait for `what` that took too long. */
export function waitedTooLong(what: string, timeout: number): OffloopError {
  return new OffloopError('ERR_OFFLOOP_TIMEOUT', `Waited for ${what} longer than the timeout: ${timeout} ms`);
}
