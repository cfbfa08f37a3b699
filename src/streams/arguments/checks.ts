/** Checks of what operators are given. @module */

import { argumentError } from '../../base/errors.ts';
import { count, duration, show } from '../../base/options.ts';

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`. */
export function checkedCount(of: string, n: number, least: number): number {
  const words = count(least, { unbounded: true })(n);
  if (words) throw argumentError(`Cannot ${of}: expected ${words}, received ${show(n)}`);
  return n;
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`. */
export function checkedTime(of: string, time: number): void {
  const words = duration(time);
  if (words) throw argumentError(`Cannot ${of}: expected ${words}, received ${show(time)}`);
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`. */
export function checkedFunction<F>(of: string, fn: F): F {
  if (typeof fn !== 'function') throw argumentError(`Cannot use ${of}: expected a function, received ${typeof fn}`);
  return fn;
}
