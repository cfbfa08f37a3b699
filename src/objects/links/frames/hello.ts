/** What each side says of itself at first. @module */

import { OffloopError } from '../../../base/errors.ts';
import { malformed } from './frame.ts';

/** The version of the frames: a peer with another one is refused. */
export const version = 1;

/** The least `maxMessage` of a side. */
const leastMessage = 1024;

/** What a side says of itself. */
export interface Hello {
  readonly version: number;

  /** How many bytes a frame to it may have. */
  readonly maxMessage: number;

  /** How many calls to it may be in flight. */
  readonly maxCalls: number;

  /** Asks for the hello of the other side once more, if the first one may have come before this side listened. */
  readonly again?: boolean;
}

/** @throws {OffloopError} `ERR_OFFLOOP_BYTES` if `hello` is none, or of another version. */
export function checkedHello(hello: unknown): Hello {
  if (typeof hello !== 'object' || hello === null) throw malformed();
  const { version: theirs, maxMessage, maxCalls, again } = hello as Partial<Record<keyof Hello, unknown>>;
  if (theirs !== version)
    throw new OffloopError('ERR_OFFLOOP_BYTES', `Cannot link to a peer of version ${String(theirs)}: not ${version}`);
  if (!isFrom(leastMessage, maxMessage) || !isFrom(1, maxCalls)) throw malformed();
  return { version, maxMessage, maxCalls, again: again === true };
}

const isFrom = (least: number, value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
