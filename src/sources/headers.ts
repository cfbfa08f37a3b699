/** The headers of the moment. @module */

import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { reasonOf } from '../base/signal.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import type { HeadersContext, SourceHeaders } from './http-options.ts';

/** The values that a `Headers` can be made of; the types of Node.js have no name for it. */
export type HeadersArgument = ConstructorParameters<typeof Headers>[0];

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `headers` are none; a function is asked at each connection. */
export function checkHeaders(of: string, headers: unknown): void {
  if (headers === undefined || typeof headers === 'function') return;
  try {
    void new Headers(headers as HeadersArgument);
  } catch (error) {
    throw argumentError(`Cannot use the headers of ${of}: ${(error as Error).message}`);
  }
}

/** Gives the present headers of the option. Rejects with the reason of the signal, or with what a function throws. */
export async function headersFrom(headers: SourceHeaders | undefined, context: HeadersContext): Promise<Headers> {
  const given = typeof headers === 'function' ? await until(headers(context), context.signal) : headers;
  return new Headers(given as HeadersArgument);
}

/** `promise`, unless `signal` is aborted before: a function of the user's may never settle. */
export async function until<V>(promise: V | PromiseLike<V>, signal: AbortSignal): Promise<V> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(reasonOf(signal));
    if (signal.aborted) abort();
    else stop = onAbort(signal, abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stop?.();
  }
}
