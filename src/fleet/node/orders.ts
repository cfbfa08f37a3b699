/** Reads what callers put into the queue. @module */

import { OffloopError } from '../../base/errors.ts';
import { decodeFrame, format, malformed, numberOf, Op, textOf } from '../values/frame.ts';
import type { Order } from './node-call.ts';

/** An order, and the key of the function that it is for. */
export interface Asked {
  readonly order: Order;
  readonly key: unknown;
}

/** The name of a call among those of all callers. */
export const idOf = (caller: string, call: number): string => `${caller}.${call}`;

/**
 * The order in `bytes`, which may come from anybody.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BYTES` if it is none, or one of another version.
 */
export function orderIn(bytes: Uint8Array): Asked {
  const frame = decodeFrame(bytes);
  const { op, call, facts, body } = frame;
  if (op !== Op.call) throw malformed();
  const version = numberOf(frame, 0);
  if (version !== format) {
    const text = `Cannot read a call: its format has version ${version}, that of this node ${format}`;
    throw new OffloopError('ERR_OFFLOOP_BYTES', text);
  }
  const caller = textOf(frame, 1);
  // It becomes a part of subjects.
  if (!/^[\w-]{1,64}$/.test(caller)) throw malformed();
  const [isPlain, isIdempotent, maxSize] = [facts[3] === true, facts[4] === true, facts[6]];
  const [timeout, closeTimeout, losses] = [numberOf(frame, 5), numberOf(frame, 7), numberOf(frame, 8)];
  if (!(timeout > 0) || !(closeTimeout > 0) || (maxSize !== undefined && !(Number(maxSize) >= 0))) throw malformed();
  return {
    key: facts[2],
    order: {
      caller,
      call,
      isPlain,
      isIdempotent,
      timeout,
      maxSize: maxSize as number | undefined,
      closeTimeout,
      losses,
      body,
    },
  };
}
