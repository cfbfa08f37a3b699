/** Events of a server over HTTP: lines of JSON, or server-sent events. @module */

import type { URL } from 'node:url';
import { checkRequest } from './check-request.ts';
import { HttpConnector } from './http-connector.ts';
import type { MakeItem } from './http-connector.ts';
import { checkedHttpOptions, checkedUrl } from './http-options.ts';
import type { HttpEventsOptions, SourceItem } from './http-options.ts';
import { retryFrom } from './retry.ts';
import { SourceIterator } from './source-iterator.ts';
import type { EventIterator } from './source-iterator.ts';

/**
 * Reads the events of `url` for ever: a connection that fails, ends, or is quiet for `idleTimeout` is made again, with
 * growing pauses, until `retry.attempts` in a row have brought no event. Blank lines, comments and pings are swallowed.
 * Server-sent events go on after the last id; where that is not possible, a notice with the type `'gap'` comes first.
 *
 * It connects with the first `next()`, and reads one chunk of the network ahead at the most. `break`, `return()`, `close()`
 * and an aborted `signal` close the connection at once, and pending `next()` are done. Several `next()` at once are answered
 * in order. A server that answers 204 ends it.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `url` or an option is none that can be used; at once.
 * @throws {OffloopError} From `next()`, after which it is over: `ERR_OFFLOOP_UNAUTHORIZED` if the server answers 401, or a proxy 407;
 * `ERR_OFFLOOP_TOO_LONG` if a line or an event has more than `maxLength` bytes; `ERR_OFFLOOP_PEER` if `eventsource-parser`
 * is needed and not installed. When no attempt is left, the last failure: `ERR_OFFLOOP_SOURCE` with the `status` of the
 * answer, if there was one; `ERR_OFFLOOP_TIMEOUT` if nothing came; `ERR_OFFLOOP_CODEC` if a message could not be read; or
 * what `headers` has thrown.
 *
 * @example
 * ```ts
 * for await (const item of httpEvents('https://example.com/prices')) {
 *   if (item.type === 'event') console.log(item.data);
 * }
 * ```
 */
export function httpEvents<T = unknown>(
  url: string | URL,
  options: HttpEventsOptions<T> = {},
): EventIterator<SourceItem<T>> {
  return openHttp<SourceItem<T>>('httpEvents', url, options as HttpEventsOptions);
}

/** As {@link httpEvents}, with items that `item` makes; tried `attempts` times where the options do not say. */
export function openHttp<T extends object>(
  of: string,
  url: string | URL,
  given: HttpEventsOptions,
  { item, attempts }: { item?: MakeItem<T>; attempts?: number } = {},
): SourceIterator<T> {
  const options = checkedHttpOptions(of, given);
  const { signal, retry } = options;
  const address = checkedUrl(of, url, ['http:', 'https:']);
  checkRequest(of, address, options);
  const connector = new HttpConnector<T>(address, options, item);
  return new SourceIterator(connector, { retry: retryFrom(of, retry, attempts), signal });
}
