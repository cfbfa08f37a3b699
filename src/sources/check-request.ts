/** Finds at once what `fetch` would refuse at each connection. @module */

import { URL } from 'node:url';
import { argumentError } from '../base/errors.ts';
import { checkHeaders } from './headers.ts';
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
  checkHeaders(of, headers);
  checkHeaders(of, request['headers']);
  // Another function may take more.
  if (fetch === undefined) checkInit(of, url, request);
}

function checkInit(of: string, url: string, request: Readonly<Record<string, unknown>>): void {
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw argumentError(`Cannot use the address of ${of}: fetch takes no credentials in it; send them by headers`);
  // A stream is used up by the request that it is given to.
  const { body, method } = request;
  if (typeof Request !== 'function') return;
  try {
    void new Request(url, { method, body: isStream(body) ? '' : body } as RequestInit);
  } catch (error) {
    throw argumentError(`Cannot make the requests of ${of}: ${(error as Error).message}`);
  }
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);
}
