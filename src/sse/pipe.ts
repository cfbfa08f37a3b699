/** Answers of servers that have a response of Node.js. @module */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { after } from '../base/clock.ts';
import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { Feed } from './feed.ts';
import { heartbeatFrame } from './frame.ts';
import { encoderOf, greetingOf, sseHeaders } from './response.ts';
import { checkedOptions, checkedSource, lastEventIdOf, pipeChecks } from './sse-options.ts';
import type { PipeSseOptions, SseSource } from './sse-options.ts';

/** A response of `node:http`, `node:http2`, or of a framework over one of these. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/**
 * Sends the items of `source` as server-sent events over a response of Node.js: `res` of `node:http`, `node:http2` and Express,
 * `reply.raw` of Fastify after `reply.hijack()`, `ctx.res` of Koa with `ctx.respond = false`. An item is asked for when the
 * client has room for it; below that, the socket holds up to some 4 MB. Headers that were set before stay. Resolves once the
 * source has ended or the client has left; the source is closed then. A generator that awaits something hears of it by the
 * `signal` that a function as source is given.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the source, the response or an option cannot be used, or an `event` or `id` has line ends.
 * @throws {OffloopError} `ERR_OFFLOOP_CODEC` if an item cannot be JSON; `ERR_OFFLOOP_OVERFLOW` if a slow client has no room, with `overflow: 'error'`.
 * @throws The error of the source, after the connection was cut, so that the browser connects again. Catch it: it is that of
 * one client.
 *
 * @example
 * ```ts
 * createServer((req, res) => {
 *   pipeSse(prices(), res, { id: (price) => price.id }).catch(console.error);
 * });
 * ```
 */
export async function pipeSse<T>(
  source: SseSource<T>,
  response: NodeResponse,
  options: PipeSseOptions<T> = {},
): Promise<void> {
  checkResponse('pipeSse', response);
  const { retry, ...own } = checkedOptions('pipeSse', options, pipeChecks);
  const feed = new Feed(checkedSource('pipeSse', source), {
    ...own,
    lastEventId: lastEventIdOf(response.req),
    greeting: () => greetingOf(retry),
    beat: heartbeatFrame,
    encode: encoderOf(own),
  });
  await pipeFeed(feed, response, { ...sseHeaders, ...own.headers });
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it is none of Node.js, but what a framework makes of one. */
export function checkResponse(of: string, response: unknown): void {
  const it = Object(response) as Partial<Record<keyof ServerResponse, unknown>>;
  if (['on', 'off', 'write', 'writeHead', 'end'].every((name) => typeof it[name as 'on'] === 'function')) return;
  throw argumentError(
    `Cannot use the response of ${of}: expected that of Node.js, such as res of Express, reply.raw of Fastify or ctx.res of ` +
      'Koa; where a framework takes a Response of the standard, give it one by sseResponse',
  );
}

/** Sends what `feed` gives, as there is room. */
export async function pipeFeed<T>(
  feed: Feed<T>,
  response: NodeResponse,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const client = new Client(response);
  const left = client.left.then(async () => feed.close());
  try {
    if (!client.isGone && !response.headersSent) response.writeHead(200, headers);
    // One that asks for the headers only would wait for the end.
    if (response.req?.method === 'HEAD') await feed.close();
    // One chunk after the other.
    // oxlint-disable no-await-in-loop
    while (!client.isGone) {
      const chunk = await feed.read();
      if (chunk === undefined || client.isGone) break;
      if (!client.write(chunk)) await client.room();
    }
    // oxlint-enable no-await-in-loop
    await feed.close();
    if (!client.isGone) response.end();
  } catch (error) {
    await feed.close().catch(() => undefined);
    // The events before the error arrive. Cut then: an end in good order would hide it.
    await client.flushed();
    client.cut();
    throw error;
  } finally {
    left.catch(() => undefined);
    client.forget();
  }
}

/** How long to wait, before a connection is cut, for a client to take what was sent, in milliseconds. */
const longestFlush = 1000;

/** The code of HTTP/2 for an error of the server. */
const internalError = 2;

/** The other end of a response. */
class Client {
  readonly left: Promise<void>;
  isGone: boolean;
  readonly #response: NodeResponse;
  readonly #forget: () => void;
  #onRoom: (() => void) | undefined;

  constructor(response: NodeResponse) {
    this.#response = response;
    this.isGone = response.destroyed || response.writableEnded;
    let leave!: () => void;
    this.left = new Promise((resolve) => {
      leave = () => {
        this.isGone = true;
        this.#onRoom?.();
        resolve();
      };
    });
    if (this.isGone) leave();
    const drain = (): void => this.#onRoom?.();
    response.on('close', leave);
    response.on('drain', drain);
    // A client that leaves in the middle of a write is no error.
    response.on('error', leave);
    this.#forget = () => {
      response.off('close', leave);
      response.off('drain', drain);
    };
  }

  /** Whether there is room for more. */
  write(chunk: string | Uint8Array): boolean {
    const response = this.#response as ServerResponse & { flush?: () => void };
    const hasRoom = response.write(chunk);
    // Of middleware that compresses; the one of Node.js itself is deprecated.
    if (Object.hasOwn(response, 'flush')) response.flush?.();
    return hasRoom;
  }

  /** Resolves once there is room, or the client has left. */
  async room(): Promise<void> {
    if (!this.isGone) await new Promise<void>((resolve) => (this.#onRoom = resolve));
    this.#onRoom = undefined;
  }

  /** Resolves once all is sent, the client has left, or has taken nothing for a while. */
  async flushed(): Promise<void> {
    if (this.isGone || !this.#response.headersSent) return;
    await new Promise<void>((resolve) => {
      const limit = after(longestFlush, resolve);
      void this.left.then(resolve);
      (this.#response as ServerResponse).write(heartbeatFrame, () => {
        limit.cancel();
        resolve();
      });
    });
  }

  /** Ends the connection in a way that the client sees. */
  cut(): void {
    const response = this.#response;
    // Over HTTP/2 there is one stream to cut; destroying the response would end it in good order.
    if ('stream' in response) response.stream?.close(internalError);
    else response.destroy();
  }

  forget(): void {
    this.#forget();
  }
}
