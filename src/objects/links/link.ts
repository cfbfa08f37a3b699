/** Connects two sides, each of which exposes an object and uses that of the other. @module */

import { argumentError } from '../../base/errors.ts';
import type { AnyClass } from '../terms/types.ts';
import { localCarriers } from './carriers/local.ts';
import { carrierOf } from './endpoint.ts';
import type { LinkEndpoint } from './endpoint.ts';
import { LinkEnd } from './link-end.ts';
import type { Carriers, LinkStatus } from './link-end.ts';
import { linkSettings } from './link-options.ts';
import type { LinkOptions } from './link-options.ts';
import type { Peer } from './peer-types.ts';

/** One end of a link. */
export interface Link<P = Record<string, unknown>, N extends AnyClass = never> extends AsyncDisposable {
  /** What the other side exposes. Calls that are made before the link is connected wait, and are sent in order. */
  readonly peer: Peer<P, N>;
  readonly status: LinkStatus;

  /** Resolves once the link is over, for whatever reason. */
  readonly closed: Promise<void>;

  /**
   * Waits until no call is in flight in either direction, for `closeTimeout` at the most, and ends the link and its
   * endpoint. What is in flight after that, and what is called later, rejects with `ERR_OFFLOOP_CLOSED`, and on the other
   * side with `ERR_OFFLOOP_DISCONNECTED`. Streams end with these codes. A second call is the same one.
   */
  close(): Promise<void>;
}

/**
 * Makes one end of a link over `endpoint`, which belongs to the link from then on. The other side reaches the listed members
 * of `gateway` and nothing else; this side reaches what the other one exposes by `peer`. Calls of one side begin in the order
 * in which they were made. If the other side is gone, calls in flight reject with `ERR_OFFLOOP_DISCONNECTED`, and so do later
 * ones, unless `reconnect` makes the link again: then calls wait, and objects, functions and streams of the earlier
 * connection stay lost. The link keeps the process alive as its endpoint does.
 *
 * `P` is the type of what the other side exposes, `N` that of the classes of it that are `nested` there.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `endpoint` is none, `gateway` is no object, an option is unknown or out of
 *   range, or `reconnect` is given and `endpoint` is not a function.
 *
 * @example
 * ```ts
 * const server = new WebSocketServer({ port: 8080 });
 * server.on('connection', (socket) => link(socket, { add: (a: number, b: number) => a + b }));
 *
 * await using client = link<{ add(a: number, b: number): number }>(() => new WebSocket('ws://localhost:8080'), {}, {
 *   reconnect: {},
 * });
 * console.log(await client.peer.add(1, 2));
 * ```
 */
export function link<P = Record<string, unknown>, N extends AnyClass = never>(
  endpoint: LinkEndpoint | (() => LinkEndpoint | PromiseLike<LinkEndpoint>),
  gateway: object = {},
  options: LinkOptions = {},
): Link<P, N> {
  const settings = linkSettings('link', options);
  const { maxMessage } = settings;
  if (typeof endpoint === 'function')
    return made(async () => carrierOf(await endpoint(), maxMessage), checkedGateway(gateway), settings);
  if (settings.reconnect)
    throw argumentError('Cannot use the option reconnect of link: give the endpoint as a function that makes one');
  const carrier = carrierOf(endpoint, maxMessage);
  return made(carrier, checkedGateway(gateway), settings);
}

/**
 * Makes two links that are connected in this thread: the first exposes `a` and uses `b`, the second exposes `b` and uses `a`.
 * What crosses is copied as between processes. With it, both sides can be tested in one place.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `a` or `b` is no object, or an option is unknown or out of range.
 *
 * @example
 * ```ts
 * const [left, right] = linkPair({ ask: () => 'left' }, { ask: () => 'right' });
 *
 * await left.peer.ask(); // 'right'
 * await left.close();
 * ```
 */
export function linkPair<A extends object, B extends object, N extends AnyClass = never>(
  a: A,
  b: B,
  options: Omit<LinkOptions<N>, 'reconnect'> = {},
): [Link<B, N>, Link<A, N>] {
  const settings = linkSettings('linkPair', options);
  if (settings.reconnect) throw argumentError('Cannot use the option reconnect of linkPair: there is no endpoint');
  const [one, other] = localCarriers();
  return [made(one, checkedGateway(a), settings), made(other, checkedGateway(b), settings)];
}

function made<P, N extends AnyClass>(
  carriers: Carriers,
  gateway: object,
  settings: ReturnType<typeof linkSettings>,
): Link<P, N> {
  const end = new LinkEnd(carriers, gateway, settings);
  return {
    peer: end.peer as Peer<P, N>,
    get status() {
      return end.status;
    },
    closed: end.closed,
    close: () => end.close(),
    [Symbol.asyncDispose]: () => end.close(),
  };
}

function checkedGateway(gateway: unknown): object {
  if (typeof gateway === 'object' && gateway !== null) return gateway;
  throw argumentError(
    `Cannot make a link: expected an object to expose, received ${gateway === null ? 'null' : typeof gateway}`,
  );
}
