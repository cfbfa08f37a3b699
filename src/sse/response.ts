/** Answers of servers that know `Request` and `Response`. @module */

import { Feed } from './feed.ts';
import type { FeedOptions } from './feed.ts';
import { frame, heartbeatFrame, jsonOf, retryFrame } from './frame.ts';
import { checkedOptions, checkedSource, lastEventIdOf, ndjsonChecks, responseChecks } from './sse-options.ts';
import type { ClientOptions, FrameOptions, RequestLike, SseOptions, SseSource } from './sse-options.ts';

/** `no-transform` keeps compression from holding events back; the last one does so for nginx. */
export const sseHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

/** Options of `ndjsonResponse`. */
export interface NdjsonOptions<T> extends ClientOptions {
  /** A function of an item that gives what is sent as JSON. @defaultValue the item */
  data?: ((item: T) => unknown) | undefined;

  /** The request that is answered; its `Last-Event-ID` is handed to the source. @defaultValue none */
  request?: RequestLike | undefined;
}

/** Encodes items as `options` say. */
export function encoderOf<T>({ event, id, data }: FrameOptions<T>): (item: T) => string {
  return (item) =>
    frame({
      data: data ? data(item) : item,
      event: typeof event === 'function' ? event(item) : event,
      id: id?.(item),
    });
}

/** The first thing that is sent: headers go out with it. */
export function greetingOf(retry: number | undefined): string {
  return retry === undefined ? heartbeatFrame : retryFrame(retry);
}

/**
 * Gives a `Response` that sends the items of `source` as server-sent events, for frameworks that answer with one: Hono,
 * Next.js, Fastify, h3, Bun, Deno. An item is asked for when the client has room for it; below that, streams and sockets hold
 * up to some 4 MB. When the client leaves, the source is closed; a generator that awaits something hears of it by the `signal`
 * that a function as source is given. An error of the source ends the response with that error, and the browser connects again.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the source or an option cannot be used; the response fails with it if an
 * `event` or `id` has line ends.
 * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW`, from the response, if a slow client has no room, with `overflow: 'error'`.
 *
 * @example
 * ```ts
 * app.get('/prices', (c) => sseResponse(({ lastEventId }) => pricesAfter(lastEventId), { request: c.req.raw, id: (it) => it.id }));
 * ```
 */
export function sseResponse<T>(source: SseSource<T>, options: SseOptions<T> = {}): Response {
  const { request, retry, ...own } = checkedOptions('sseResponse', options, responseChecks);
  const feed = new Feed(checkedSource('sseResponse', source), {
    ...own,
    lastEventId: lastEventIdOf(request),
    greeting: () => greetingOf(retry),
    beat: heartbeatFrame,
    encode: encoderOf(own),
  });
  return responseOf(feed, { ...sseHeaders, ...own.headers });
}

/**
 * Gives a `Response` that sends the items of `source` as lines of JSON, as {@link sseResponse} sends events; a blank line is
 * the sign of life.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the source or an option cannot be used.
 *
 * @example
 * ```ts
 * app.get('/rows', () => ndjsonResponse(rows()));
 * ```
 */
export function ndjsonResponse<T>(source: SseSource<T>, options: NdjsonOptions<T> = {}): Response {
  const { request, data, ...own } = checkedOptions('ndjsonResponse', options, ndjsonChecks);
  const feedOptions: FeedOptions<T> = {
    ...own,
    lastEventId: lastEventIdOf(request),
    greeting: () => '\n',
    beat: '\n',
    encode: (item) => `${jsonOf(data ? data(item) : item)}\n`,
  };
  const feed = new Feed(checkedSource('ndjsonResponse', source), feedOptions);
  return responseOf(feed, { ...sseHeaders, 'content-type': 'application/x-ndjson', ...own.headers });
}

/** A response that reads `feed` as the client takes it. */
export function responseOf<T>(feed: Feed<T>, headers: Readonly<Record<string, string>>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await feed.read();
        if (chunk === undefined) controller.close();
        else controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      },
      cancel: async () => feed.close(),
    },
    // No chunk is made ahead.
    { highWaterMark: 0 },
  );
  return new Response(body as never, { headers: { ...headers } });
}
