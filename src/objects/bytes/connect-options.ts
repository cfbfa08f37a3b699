/** Options of connecting to a byte stream. @module */

import { count, oneOf, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import { noOptions } from '../../wait/wait-options.ts';
import { waitChecks } from './peer/waiters.ts';
import type { WaitOptions } from '../../wait/wait-options.ts';
import type { PeerOptions } from './peer/stream-peer.ts';
import type { EndOfStream } from './wire/messages.ts';

/** How far a stream reads ahead if it is not told, in bytes: at first, and at the most. */
const usual = { readahead: 1024 * 1024, mostReadahead: 8 * 1024 * 1024 };

/** Options of `connect`; `timeout` and `signal` are for connecting alone. */
export interface ConnectOptions extends WaitOptions {
  /**
   * How many bytes are read ahead of the calls: a whole number from 0, `true` for 1 MiB that grow, `false` for none.
   * Without reading ahead, each call that finds no bytes waits for the other end. @defaultValue `true`
   */
  readahead?: number | boolean | undefined;

  /**
   * How many bytes are read ahead at the most: a whole number from 0. It is doubled up to there whenever a call waits
   * only because bytes take long to arrive. @defaultValue 8 MiB for `readahead: true`, else as `readahead`
   */
  mostReadahead?: number | undefined;

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
  mostReadahead: bytes,
  endOfStream: endOfStreamCheck,
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, naming the option. */
export function connectOptions(options: ConnectOptions = noOptions): {
  readonly peer: PeerOptions;
  readonly wait: WaitOptions;
} {
  const { readahead, mostReadahead, endOfStream = 'current', timeout, signal } = ownOptions('connect', options, checks);
  return { peer: { ...readaheadOf(readahead, mostReadahead), endOfStream }, wait: { timeout, signal } };
}

/** The numbers of bytes that `readahead` stands for: at first, and at the most. */
export function readaheadOf(
  readahead: number | boolean = true,
  most?: number,
): { readonly readahead: number; readonly mostReadahead: number } {
  const fixed = typeof readahead === 'number' ? readahead : 0;
  const { readahead: least, mostReadahead } = readahead === true ? usual : { readahead: fixed, mostReadahead: fixed };
  return { readahead: Math.min(least, most ?? Infinity), mostReadahead: most ?? mostReadahead };
}
