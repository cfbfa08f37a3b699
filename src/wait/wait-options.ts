/** Limits of waits. @module */

import { OffloopError } from '../base/errors.ts';
import { bare, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';

/** Limits of one wait. */
export interface WaitOptions {
  /**
   * How long to wait at the most, in milliseconds; then `ERR_OFFLOOP_TIMEOUT` is thrown. From 0. @defaultValue
   * `Infinity`
   */
  timeout?: number | undefined;

  /**
   * Ends the wait when it is aborted: `signal.reason` is thrown. In a thread that blocks, only a signal that was an
   * argument of the running call can be aborted; `callSignal()` ends every wait even without this option. @defaultValue
   * none
   */
  signal?: AbortSignal | undefined;
}

/** Stands for missing options. */
export const noOptions: WaitOptions = bare({});

const checks: Readonly<Record<string, Check>> = {
  timeout: timeLimit,
  signal: signalCheck,
};

/**
 * Checks `options`, and gives them.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value; `of` names the wait in the
 * message.
 */
export function waitOptions(of: string, options: WaitOptions): WaitOptions {
  return options === noOptions ? options : ownOptions(of, options, checks);
}

/** Makes the error for a wait for `what` that took longer than `timeout`. */
export function waitedTooLong(what: string, timeout: number): OffloopError {
  return new OffloopError('ERR_OFFLOOP_TIMEOUT', `Waited for ${what} longer than the timeout: ${timeout} ms`);
}
