/** The errors of links that are over. @module */

import { OffloopError } from '../../../base/errors.ts';

/** The error of what has met the end of its connection. */
export function lostError(cause: unknown): OffloopError {
  // An error of the library says itself why.
  const text = 'The link has lost its other side, so the outcome of calls in flight is unknown';
  return new OffloopError('ERR_OFFLOOP_DISCONNECTED', text, cause === undefined ? {} : { cause });
}

export function silentError(heartbeat: number): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_DISCONNECTED',
    `The link has lost its other side: it gave no sign of life for twice the heartbeat, ${heartbeat} ms`,
  );
}

export function partedError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_DISCONNECTED', 'The other side has closed the link');
}

export function closedLink(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot use the link: it was closed');
}

export function releasedPeer(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot use the object of a peer: it was released');
}
