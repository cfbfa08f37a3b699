/** A handler of requests that shows what pools do. @module */

import { URL } from 'node:url';
import { argumentError } from '../base/errors.ts';
import { AbortController } from '../base/intrinsics.ts';
import { duration, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { exposition, prometheusMetrics } from '../metrics/prometheus.ts';
import { Reading } from '../metrics/reading.ts';
import { ndjsonResponse, sseResponse } from '../sse/response.ts';
import { answerTo } from './answer.ts';
import type { Answer, Request as Asked } from './answer.ts';
import type { Peer } from './guard.ts';
import { listenWith } from './listen.ts';
import type { Listening, ListenOptions } from './listen.ts';
import type { Monitored } from './sample.ts';
import { serveNode } from './serve-node.ts';
import type { NodeRequest, NodeResponse } from './serve-node.ts';

/** Options of `monitor`. */
export interface MonitorOptions {
  /**
   * What a request has to have, as `?token=…` or as a header `Authorization: Bearer …`; at least 16 characters. Without it only
   * requests from this machine are answered. @defaultValue none
   */
  token?: string | undefined;

  /** How far samples are apart, in milliseconds; above 0. @defaultValue `1000` */
  interval?: number | undefined;
}

/**
 * A monitor: a handler in the style of `fetch`. It answers by the last part of the path: `events` with samples, as
 * server-sent events or, to who accepts `application/x-ndjson`, as lines; `metrics` with the text that Prometheus reads;
 * `health` with the status 200, or 503 once a pool is closed; and everything else with the page.
 */
export interface Monitor extends Disposable {
  /** Answers a request; `peer` is the client's address, or what the server gives that has it: Deno's `info`, Bun's `requestIP`. */
  (request: Request, peer?: Peer): Response;

  /** Answers a request of `node:http`, Express, or another server over it. */
  node(request: NodeRequest, response: NodeResponse): void;

  /**
   * Has a server of its own listen, on this machine only unless told otherwise. It does not keep the process alive.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option cannot be used, or other machines would reach it without a token.
   * @throws the system's error if the port is taken, or is not for this user.
   */
  listen(options?: ListenOptions): Promise<Listening>;

  /** Ends the streams of events; the servers go on. A second call does nothing. */
  close(): void;
}

const checks: Record<keyof MonitorOptions, Check> = {
  token: (value) =>
    typeof value === 'string' && /^[\x21-\x7e]{16,}$/.test(value)
      ? undefined
      : 'a string of at least 16 visible characters',
  interval: duration,
};

/**
 * Makes a handler that shows what `pools` do: as a page with live charts, as events, as figures for Prometheus, and as a sign of
 * health. A pool or a fleet, or an iterable of those with names of their own, which is looked through each time: a `Set` may be added
 * to later. Nothing is measured while nobody looks.
 *
 * Pages of other sites are refused with 403, and so is, without a `token`, whatever does not come from this machine: with the
 * handler alone, the address of the client has to be handed in for that.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `pools` or an option cannot be used.
 *
 * @example
 * ```ts
 * const { url } = await monitor(ThreadPool.default).listen({ port: 4000 });
 * app.get('/monitor/*', (c) => pages(c.req.raw)); // const pages = monitor(pool, { token })
 * ```
 */
export function monitor(pools: Monitored | Iterable<Monitored>, options: MonitorOptions = {}): Monitor {
  const { token, interval = 1000 } = ownOptions('monitor', options, checks);
  const all = poolsOf(pools);
  const reading = new Reading(all);
  const figures = prometheusMetrics('offloop', reading);
  const closing = new AbortController();
  const telling = { pools: all, interval, token, closed: closing.signal, figures: () => exposition(figures) };
  const answer = (request: Asked): Answer => answerTo(request, telling);
  const node = (request: NodeRequest, response: NodeResponse): void => serveNode(request, response, answer);
  const close = (): void => {
    closing.abort();
    reading.close();
  };
  return Object.assign((request: Request, peer?: Peer) => respond(request, peer, answer), {
    node,
    listen: async (how: ListenOptions = {}) => listenWith(node, how, token !== undefined),
    close,
    [Symbol.dispose]: close,
  });
}

function respond(request: Request, peer: Peer | undefined, answer: (request: Asked) => Answer): Response {
  const given = answer({
    method: request.method,
    url: new URL(request.url),
    header: (name) => request.headers.get(name) ?? undefined,
    peer,
  });
  if ('body' in given) {
    const { status, headers, body } = given;
    return new Response(request.method === 'HEAD' ? null : body, { status, headers });
  }
  const options = { request, signal: request.signal };
  return given.as === 'events' ? sseResponse(given.items, options) : ndjsonResponse(given.items, options);
}

function poolsOf(pools: Monitored | Iterable<Monitored>): () => Iterable<Monitored> {
  if (isPool(pools)) return () => [pools];
  if (typeof pools === 'object' && pools !== null && Symbol.iterator in pools) {
    for (const pool of pools) if (!isPool(pool)) throw argumentError('Cannot monitor this: expected pools');
    return () => pools;
  }
  throw argumentError('Cannot monitor this: expected a pool, or an iterable of pools');
}

function isPool(value: unknown): value is Monitored {
  return typeof (value as Monitored | null)?.stats === 'function' && typeof (value as Monitored).name === 'string';
}
