/** The classes and the closed set of codes of the library's own errors. @module */

import { knowOtherCopies } from './copies.ts';

/** Stable, documented in `docs/errors.md`, and safe to switch on; the messages may change. */
export type ErrorCode =
  | 'ERR_OFFLOOP_ABANDONED'
  | 'ERR_OFFLOOP_ARGUMENT'
  | 'ERR_OFFLOOP_BOOT'
  | 'ERR_OFFLOOP_BROKER'
  | 'ERR_OFFLOOP_BUNDLED'
  | 'ERR_OFFLOOP_BUSY'
  | 'ERR_OFFLOOP_BYTES'
  | 'ERR_OFFLOOP_CAPTURE'
  | 'ERR_OFFLOOP_CLOSED'
  | 'ERR_OFFLOOP_CODEC'
  | 'ERR_OFFLOOP_COPIES'
  | 'ERR_OFFLOOP_DEADLOCK'
  | 'ERR_OFFLOOP_DISCONNECTED'
  | 'ERR_OFFLOOP_HANDLE_RELEASED'
  | 'ERR_OFFLOOP_LOAD'
  | 'ERR_OFFLOOP_MODE'
  | 'ERR_OFFLOOP_NEVER_SETTLES'
  | 'ERR_OFFLOOP_NOT_CLONEABLE'
  | 'ERR_OFFLOOP_NOT_FOUND'
  | 'ERR_OFFLOOP_NOT_HELD'
  | 'ERR_OFFLOOP_NO_MODULE'
  | 'ERR_OFFLOOP_NO_NODE'
  | 'ERR_OFFLOOP_OVERFLOW'
  | 'ERR_OFFLOOP_PEER'
  | 'ERR_OFFLOOP_POSITION'
  | 'ERR_OFFLOOP_QUEUE_FULL'
  | 'ERR_OFFLOOP_QUEUE_TIMEOUT'
  | 'ERR_OFFLOOP_REENTRY'
  | 'ERR_OFFLOOP_SOURCE'
  | 'ERR_OFFLOOP_STORE'
  | 'ERR_OFFLOOP_STREAM_FAILED'
  | 'ERR_OFFLOOP_TIMEOUT'
  | 'ERR_OFFLOOP_TOO_LONG'
  | 'ERR_OFFLOOP_TYPESCRIPT'
  | 'ERR_OFFLOOP_UNAUTHORIZED'
  | 'ERR_OFFLOOP_UNDELIVERED'
  | 'ERR_OFFLOOP_WORKER_EXIT'
  | 'ERR_OFFLOOP_WOULD_BLOCK';

/**
 * An error of the library itself. An error that the wrapped function throws passes through unchanged, and an aborted
 * call rejects with `signal.reason`; neither becomes an `OffloopError`.
 */
export class OffloopError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  static {
    // On the prototype, as the built-in errors have it: not an own property of each instance.
    Object.defineProperty(this.prototype, 'name', { value: 'OffloopError', writable: true, configurable: true });
    knowOtherCopies(this, 'OffloopError');
  }
}

/** A call whose thread ended before the call did, or whose node of a fleet was lost. */
export class WorkerExitError extends OffloopError {
  /** The code the thread exited with; `1` when it was terminated; `undefined` if nobody knows, as its node was lost. */
  readonly exitCode: number | undefined;

  /** The `threadId` of the thread that ended; `undefined` if its node was lost. */
  readonly threadId: number | undefined;

  constructor(message: string, facts: { exitCode?: number; threadId?: number } = {}, options?: ErrorOptions) {
    super('ERR_OFFLOOP_WORKER_EXIT', message, options);
    this.exitCode = facts.exitCode;
    this.threadId = facts.threadId;
  }

  static {
    knowOtherCopies(this, 'WorkerExitError');
  }
}

/** A `TypeError` that carries `ERR_OFFLOOP_ARGUMENT`: the caller passed what the signature does not allow. */
export function argumentError(message: string): TypeError & { readonly code: ErrorCode } {
  return Object.assign(new TypeError(message), { code: 'ERR_OFFLOOP_ARGUMENT' as const });
}
