/** Why a source could not be read: one function for each reason. @module */

import { knowOtherCopies } from '../base/copies.ts';
import { OffloopError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';

/** A source that could not be read. */
export class SourceError extends OffloopError {
  /** The status that the server answered with, if that is the reason. */
  declare readonly status?: number;

  /** For how many milliseconds the server asked to be left alone, if it did. */
  declare readonly retryAfter?: number;

  constructor(code: ErrorCode, message: string, { status, retryAfter, ...options }: Facts = {}) {
    super(code, message, options);
    if (status !== undefined) this.status = status;
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }

  static {
    knowOtherCopies(this, 'SourceError');
  }
}

interface Facts {
  readonly cause?: unknown;
  readonly status?: number | undefined;
  readonly retryAfter?: number | undefined;
}

const finalCodes: ReadonlySet<unknown> = new Set<ErrorCode>([
  'ERR_OFFLOOP_ARGUMENT',
  'ERR_OFFLOOP_PEER',
  'ERR_OFFLOOP_TOO_LONG',
  'ERR_OFFLOOP_UNAUTHORIZED',
]);

/** Whether another connection would fail in the same way. */
export function isFinal(error: unknown): boolean {
  return finalCodes.has((error as { code?: unknown } | null | undefined)?.code);
}

/** How long the server asks to be left alone, in milliseconds. */
export function retryAfterOf(error: unknown): number {
  return error instanceof SourceError ? (error.retryAfter ?? 0) : 0;
}

/** The connection could not be made, or has failed; what an option of the user's has thrown is that itself. */
export function failed(name: string, cause: unknown): SourceError {
  return new SourceError('ERR_OFFLOOP_SOURCE', `Cannot read ${name}: ${reasonsOf(cause)}`, { cause });
}

export function ended(name: string, how: string): SourceError {
  return new SourceError('ERR_OFFLOOP_SOURCE', `Cannot read on from ${name}: ${how}`);
}

export function refused(name: string, status: number, retryAfter: number | undefined): SourceError {
  return new SourceError('ERR_OFFLOOP_SOURCE', `Cannot read ${name}: the server answered ${status}`, {
    status,
    retryAfter,
  });
}

export function unauthorized(name: string, status: number, cause?: unknown): SourceError {
  const who = status === 407 ? 'proxy' : 'server';
  const text = `Cannot read ${name}: the ${who} answered ${status}, it does not accept the credentials`;
  return new SourceError('ERR_OFFLOOP_UNAUTHORIZED', text, { status, ...(cause === undefined ? {} : { cause }) });
}

export function idle(name: string, time: number, cause?: unknown): SourceError {
  const text = `Cannot read on from ${name}: nothing came for ${time} ms, as long as idleTimeout allows`;
  return new SourceError('ERR_OFFLOOP_TIMEOUT', text, cause === undefined ? {} : { cause });
}

export function tooLong(maxLength: number): SourceError {
  const text = `Cannot read a message: it is longer than ${maxLength} bytes, as many as maxLength allows`;
  return new SourceError('ERR_OFFLOOP_TOO_LONG', text);
}

/** `text` is not what it should be. An error of the library's own, of a `parse` on top, says that better. */
export function unreadable(name: string, text: string, cause: unknown): OffloopError {
  if (cause instanceof OffloopError) return cause;
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return new SourceError('ERR_OFFLOOP_CODEC', `Cannot read a message of ${name}: ${shown}`, { cause });
}

/** The last failure, when no more attempts are left. */
export function givenUp(last: unknown, failures: number): unknown {
  if (!(last instanceof SourceError)) return last;
  const { code, message, status, retryAfter, cause } = last;
  const text = failures === 1 ? message : `${message}; it was tried ${failures} times since the last event`;
  return new SourceError(code, text, { status, retryAfter, ...('cause' in last ? { cause } : {}) });
}

/** `fetch failed` alone says nothing; its cause does. */
function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${reasonsOf(error.cause)}` : error.message || error.name;
}
