/** What a link may stand on, told by its methods. @module */

import type { Duplex } from 'node:stream';
import { argumentError } from '../../base/errors.ts';
import type { Carrier } from './carriers/carrier.ts';
import { IpcCarrier } from './carriers/ipc.ts';
import type { IpcLike } from './carriers/ipc.ts';
import { PortCarrier } from './carriers/port.ts';
import type { PortLike } from './carriers/port.ts';
import { SocketCarrier } from './carriers/socket.ts';
import { WebSocketCarrier } from './carriers/websocket.ts';
import type { WebSocketLike } from './carriers/websocket.ts';

/** The members by which an endpoint is told; the others are those that it has in any case. */
interface PortEndpoint {
  postMessage(message: never): void;
}

interface WebSocketEndpoint {
  readonly readyState: number;
  send(data: never): void;
  close(): void;
}

interface ProcessEndpoint {
  readonly connected: boolean;
  disconnect(): void;
}

/**
 * A `MessagePort` or `Worker`, of Node.js or the web; a `WebSocket`, of the standard or of `ws`; a child process, or
 * `process` in a child; a socket, or any other duplex stream of bytes.
 */
export type LinkEndpoint = PortEndpoint | WebSocketEndpoint | ProcessEndpoint | Duplex;

/** The endpoints of links, also of those that are over: an endpoint ends with its link. */
const taken = new WeakSet<object>();

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `endpoint` is none, or was given to a link before. */
export function carrierOf(endpoint: unknown, most: number): Carrier | PortCarrier {
  const carrier = newCarrier(endpoint, most);
  taken.add(endpoint as object);
  return carrier;
}

function newCarrier(endpoint: unknown, most: number): Carrier | PortCarrier {
  if (taken.has(Object(endpoint) as object))
    throw argumentError('Cannot make a link: the endpoint belongs to another link. Give each link one of its own');
  const it = Object(endpoint) as Readonly<Record<string, unknown>>;
  const has = (...names: string[]): boolean => names.every((name) => typeof it[name] === 'function');
  const listens = has('on') || has('addEventListener');
  if (has('postMessage') && listens) return new PortCarrier(endpoint as PortLike, most);
  if (has('send', 'close') && typeof it['readyState'] === 'number' && listens)
    return new WebSocketCarrier(endpoint as WebSocketLike, most);
  if (has('send', 'disconnect', 'on')) return new IpcCarrier(endpoint as IpcLike, most);
  if (has('write', 'pipe', 'on', 'cork')) return new SocketCarrier(endpoint as Duplex, most);
  const received = endpoint === null ? 'null' : typeof endpoint;
  throw argumentError(
    `Cannot make a link: expected a port, a WebSocket, a child process, a socket or a function that gives one, received ${received}`,
  );
}
