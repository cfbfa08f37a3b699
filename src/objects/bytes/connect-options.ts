/** Options of connecting to a byte stream. @module */

import { count, oneOf, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import { noOptions } from '../../wait/wait-options.ts';
import { waitChecks } from './peer/waiters.ts';
import type { WaitOptions } from '../../wait/wait-options.ts';
import type { EndOfStream } from './wire/messages.ts';

/** How far a stream reads ahead if it is not told, in bytes. */
export const usualReadahead: number = 1024 * 1024;

/** Options of `connect`; `timeout` and `signal` are for connecting alone. */
export interface ConnectOptions extends WaitOptions {
  /**
   * How many bytes are read ahead of the calls at the most: a whole number from 0, `true` for 1 MiB, `false` for none.
   * Without reading ahead, each call that finds no bytes waits for the other end. @defaultValue `true`
   */
  readahead?: number | boolean | undefined;

  /**
   * How reading goes on at the end of the data: `'current'` ends there, `'follow'` waits for more. Reading that has begun keeps
   * to what held then: see `setEndOfStream`. @defaultValue `'current'`
   */
  endOfStream?: EndOfStream | undefined;
}

const bytes = count(0, {});
export const readaheadCheck: Check = (value) =>
  typeof value === 'boolean' || bytes(value) === undefined ? undefined : 'a whole number from 0, or a boolean';
export const endOfStreamCheck: Check = oneOf('current', 'follow');

const checks: Readonly<Record<keyof ConnectOptions, Check>> = {
  ...waitChecks,
  readahead: readaheadCheck,
  endOfStream: endOfStreamCheck,
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function connectOptions(options: ConnectOptions = noOptions): {
  readonly readahead: number;
  readonly endOfStream: EndOfStream;
  readonly wait: WaitOptions;
} {
  const { readahead, endOfStream = 'current', timeout, signal } = ownOptions('connect', options, checks);
  return { readahead: readaheadOf(readahead), endOfStream, wait: { timeout, signal } };
}

/** The number of bytes that `readahead` stands for. */
export function readaheadOf(readahead: number | boolean = true): number {
  return typeof readahead === 'number' ? readahead : readahead ? usualReadahead : 0;
}
