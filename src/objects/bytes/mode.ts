/** Modes of byte streams: what a stream may do with its source. @module */

import { argumentError, OffloopError } from '../../base/errors.ts';

/** The rights of a byte stream over its source, and the changes that the source may undergo. */
export interface StreamMode {
  /** The stream may read. */
  readonly readable: boolean;

  /** The stream may write. */
  readonly writable: boolean;

  /** The data begin somewhere: positions before that are refused. */
  readonly startBounded: boolean;

  /** The start may move back. */
  readonly startCanDecrease: boolean;

  /** The start may move on, so that bytes are lost there. */
  readonly startCanIncrease: boolean;

  /** The stream itself may move the start: `truncateBefore`. */
  readonly canMoveStart: boolean;

  /** The data end somewhere: positions after that are refused. */
  readonly endBounded: boolean;

  /** The end may move back, so that bytes are lost there. */
  readonly endCanDecrease: boolean;

  /** The end may move on: the data can grow. */
  readonly endCanIncrease: boolean;

  /** The stream itself may move the end: `truncateAfter`, and `write` past the end. */
  readonly canMoveEnd: boolean;

  /** The stream may seek to an earlier position. */
  readonly seekBackward: boolean;

  /** The stream may seek to a later position. */
  readonly seekForward: boolean;

  /** Nobody changes the data. */
  readonly fixedData: boolean;

  /** Only this stream changes the data. As the other locks, this is the word of the source: nothing holds others off. */
  readonly dataLock: boolean;

  /** Only this stream moves the start. */
  readonly startLock: boolean;

  /** Only this stream moves the end. */
  readonly endLock: boolean;
}

/** A mode that allows nothing. */
export const nothing: StreamMode = {
  readable: false,
  writable: false,
  startBounded: false,
  startCanDecrease: false,
  startCanIncrease: false,
  canMoveStart: false,
  endBounded: false,
  endCanDecrease: false,
  endCanIncrease: false,
  canMoveEnd: false,
  seekBackward: false,
  seekForward: false,
  fixedData: false,
  dataLock: false,
  startLock: false,
  endLock: false,
};

/** The names of all flags. */
export const flags: readonly (keyof StreamMode)[] = Object.keys(nothing) as (keyof StreamMode)[];

/**
 * Refuses a mode that contradicts itself.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`.
 */
export function assertConsistent(mode: StreamMode): StreamMode {
  const refuse = (text: string): never => {
    throw argumentError(`Cannot use the mode of a byte stream: ${text}`);
  };
  if (!mode.readable && !mode.writable) refuse('it is neither readable nor writable');
  if (mode.fixedData && mode.writable) refuse('its data are fixed, so it cannot be writable');
  if (mode.canMoveStart && !mode.startCanDecrease && !mode.startCanIncrease)
    refuse('canMoveStart needs startCanDecrease or startCanIncrease');
  if (mode.canMoveEnd && !mode.endCanDecrease && !mode.endCanIncrease)
    refuse('canMoveEnd needs endCanDecrease or endCanIncrease');
  return mode;
}

/** The error of a call that the mode of the stream does not allow. */
export function modeError(action: string, why: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_MODE', `Cannot ${action}: ${why}`);
}

/** The error of a position that the source does not have, or has no longer. */
export function positionError(action: string, why: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_POSITION', `Cannot ${action}: ${why}`);
}
