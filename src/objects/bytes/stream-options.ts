/** The options and arguments of a byte stream's methods, and their checks. @module */

import { inspect } from 'node:util';
import { argumentError } from '../../base/errors.ts';
import { count, kind, oneOf } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import type { WaitOptions } from '../../wait/wait-options.ts';
import { modeError } from './mode.ts';
import type { StreamMode } from './mode.ts';
import { statuses } from './peer/status.ts';
import { waitChecks } from './peer/waiters.ts';
import type { EndOfStream, Origin } from './wire/messages.ts';

/** Options of a seek. */
export interface SeekOptions extends WaitOptions {
  /**
   * The origin of the offset: position 0, the first byte, the end, or the next byte that would be read or written.
   * @defaultValue `'absolute'`
   */
  from?: Origin | undefined;
}

/** Options of {@link ByteStream.chunks}. */
export interface ChunksOptions {
  /** The most bytes of a chunk; a whole number from 1. @defaultValue `262144` */
  size?: number | undefined;

  /** Whether the stream is closed when the iteration ends or is left. @defaultValue `true` */
  close?: boolean | undefined;
}

export const bytesCheck: Check = count(1);
export const seekChecks: Readonly<Record<keyof SeekOptions, Check>> = {
  ...waitChecks,
  from: oneOf('absolute', 'start', 'end', 'current'),
};
export const chunksChecks: Readonly<Record<keyof ChunksOptions, Check>> = { size: bytesCheck, close: kind('boolean') };
export const lengthCheck: Check = count(0, { unbounded: true });
export const statusCheck: Check = oneOf(...statuses);

/** @throws {OffloopError} `ERR_OFFLOOP_MODE` if a stream would wait for ever at the end of its data. */
export function assertFollows(endOfStream: EndOfStream, mode: StreamMode): void {
  const never = endOfStream === 'follow' ? whyItNeverGrows(mode) : undefined;
  if (never !== undefined) throw modeError('follow the end of the byte stream', never);
}

/** Why the end never moves on: neither by others, nor by the stream itself. */
function whyItNeverGrows(mode: StreamMode): string | undefined {
  if (mode.fixedData) return 'its data are fixed, so that they never grow';
  if (!mode.endCanIncrease) return 'its end cannot move on';
  const mayGrow = mode.writable && mode.canMoveEnd;
  return mode.endLock && !mayGrow ? 'only the stream may move its end, and it may not write there' : undefined;
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `value` does not pass. */
export function checked(of: string, check: Check, value: unknown): void {
  const words = check(value);
  if (words) throw argumentError(`Cannot ${of}: expected ${words}, received ${inspect(value)}`);
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `bytes` are none. */
export function checkedBytes(of: string, bytes: unknown): void {
  if (!(bytes instanceof Uint8Array))
    throw argumentError(`Cannot ${of}: expected a Uint8Array, received ${bytes === null ? 'null' : typeof bytes}`);
}
