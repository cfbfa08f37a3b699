/** Finds at once what `fetch` would refuse at each connection. @module */

import { URL } from 'node:url';
import { argumentError } from '../base/errors.ts';
import type { HeadersArgument } from './headers.ts';
import type { HttpEventsOptions } from './http-options.ts';
import { lastEventIdHeader } from './last-event-id.ts';

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if no request can be made of `url` and `options`. */
export function checkRequest(of: string, url: string, options: HttpEventsOptions): void {
  const { fetch, headers, lastEventId = '', request = {}, retry } = options;
  if (lastEventId !== '' && lastEventIdHeader(lastEventId) === undefined)
    throw argumentError(
      `Cannot use the option lastEventId of ${of}: no header can carry ${JSON.stringify(lastEventId)}`,
    );
  if (retry !== false && isStream(request['body']))
    throw argumentError(
      `Cannot use the option request of ${of}: its body is a stream, which can be sent once only; give text or bytes`,
    );
  try {
    for (const some of [headers, request['headers']])
      if (typeof some !== 'function') void new Headers(some as HeadersArgument);
    // Another function may take more.
    if (fetch === undefined) checkInit(of, url, request);
  } catch (error) {
    if (!(error instanceof TypeError) || 'code' in error) throw error;
    throw argumentError(`Cannot make the requests of ${of}: ${error.message}`);
  }
}

function checkInit(of: string, url: string, request: Readonly<Record<string, unknown>>): void {
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw argumentError(`Cannot use the address of ${of}: fetch takes no credentials in it; send them by headers`);
  // A stream is used up by the request that it is given to.
  const { body, method } = request;
  if (typeof Request === 'function') void new Request(url, { method, body: isStream(body) ? '' : body } as RequestInit);
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);
}
