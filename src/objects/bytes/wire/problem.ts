/** Errors of streams, as they cross. @module */

import { OffloopError } from '../../../base/errors.ts';
import type { Problem } from './messages.ts';

export function problemOf({ code, message }: OffloopError): Problem {
  return { code, message };
}

export function errorOf(problem: Problem): OffloopError {
  const { code, message } = problem;
  return 'cause' in problem
    ? new OffloopError(code, message, { cause: problem.cause })
    : new OffloopError(code, message);
}

/** The failure of a stream whose source has thrown `cause`. */
export function sourceFailure(action: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return {
    code: 'ERR_OFFLOOP_STREAM_FAILED',
    message: `The byte stream has failed: its source could not ${action}: ${reason}`,
    cause,
  };
}

/** The failure of a stream whose other end is gone. */
export function lostEnd(cause: unknown): Problem {
  const text =
    'The byte stream has failed: its other end is gone, so the outcome of writes that were not flushed is unknown';
  const message = `${text}. The thread may have ended, or the connection was cut`;
  return cause === undefined
    ? { code: 'ERR_OFFLOOP_DISCONNECTED', message }
    : { code: 'ERR_OFFLOOP_DISCONNECTED', message, cause };
}
