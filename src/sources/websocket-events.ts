/** Events of a server over a WebSocket, by the package `ws`. @module */

import type { URL } from 'node:url';
import { checkHeaders } from './headers.ts';
import { checkedUrl } from './http-options.ts';
import type { SourceItem } from './http-options.ts';
import { retryFrom } from './retry.ts';
import { SourceIterator } from './source-iterator.ts';
import type { EventIterator } from './source-iterator.ts';
import { WebSocketConnector } from './websocket-connector.ts';
import { checkedWebSocketOptions } from './websocket-options.ts';
import type { WebSocketData, WebSocketEventsOptions } from './websocket-options.ts';

/**
 * Reads the messages of a server over a WebSocket for ever, as `httpEvents` reads its events: the connection is made again in
 * the same way, and each time a notice with the type `'gap'` comes first, since a WebSocket cannot go on where it was. A server
 * that is silent for half of `idleTimeout` is pinged, so that only one that is gone counts as idle. While its consumer is busy
 * the socket is paused. Needs the package `ws`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `url` or an option is none that can be used; at once.
 * @throws {OffloopError} From `next()`, after which it is over: as `httpEvents`; `ERR_OFFLOOP_PEER` if `ws` is not installed.
 *
 * @example
 * ```ts
 * for await (const item of websocketEvents('wss://example.com/prices', { parse: (text) => JSON.parse(String(text)) })) {
 *   if (item.type === 'event') console.log(item.data);
 * }
 * ```
 */
export function websocketEvents<T = WebSocketData>(
  url: string | URL,
  given: WebSocketEventsOptions<T> = {},
): EventIterator<SourceItem<T>> {
  const options = checkedWebSocketOptions(given as object as WebSocketEventsOptions);
  const address = checkedUrl('websocketEvents', url, ['ws:', 'wss:']);
  checkHeaders('websocketEvents', options.headers);
  const connector = new WebSocketConnector<SourceItem<T>>(address, options);
  return new SourceIterator(connector, { retry: retryFrom('websocketEvents', options.retry), signal: options.signal });
}
