/** One source for many pages: each event is encoded once. @module */

import { Promise } from '../base/intrinsics.ts';
import { holdIterable } from '../channel/adapters/held.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { LocalChannel } from '../channel/local-channel.ts';
import { checkedStep } from '../channel/protocol.ts';
import { argumentError } from '../base/errors.ts';
import { Feed } from './feed.ts';
import { heartbeatFrame, isNone } from './frame.ts';
import { checkResponse, pipeFeed } from './pipe.ts';
import type { NodeResponse } from './pipe.ts';
import { encoderOf, greetingOf, responseOf, sseHeaders } from './response.ts';
import { Turns } from './turns.ts';
import { broadcastChecks, checkedOptions, isIterable, lastEventIdOf } from './sse-options.ts';
import type { Checked, Items, PipeSseOptions, RequestLike } from './sse-options.ts';

/** Options of `sseBroadcast`. */
export interface BroadcastOptions<T> extends PipeSseOptions<T> {
  /**
   * How many of the newest events are kept for clients that connect again, which get those after the last one that they have;
   * a whole number from 0. @defaultValue `0`
   */
  replay?: number | undefined;
}

/** An event as all clients get it. */
interface Sent {
  readonly id: string | undefined;
  readonly bytes: Uint8Array;
}

/**
 * Sends the items of one source to all clients that are connected when they come. The source is opened by the first client, and
 * closed by `close` or by its end, not when the last client leaves.
 *
 * Invariant: each client has a channel of its own, so that none waits for another unless `overflow` is `'block'`.
 */
export class SseBroadcast<T> implements AsyncDisposable {
  readonly #source: Items<T>;
  readonly #options: Checked<BroadcastOptions<T>>;
  readonly #encode: (item: T) => string;
  readonly #encoder = new TextEncoder();
  readonly #clients = new Set<LocalChannel<Uint8Array>>();
  readonly #sent: LocalChannel<Sent>;
  #held: ReturnType<typeof holdIterable> | undefined;
  #hasBegun = false;
  #isClosed = false;
  #stopSignal: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @internal */
  constructor(source: Items<T>, options: BroadcastOptions<T>) {
    if (!isIterable(source)) throw argumentError('Cannot use the source of sseBroadcast: expected an iterable');
    this.#options = checkedOptions('sseBroadcast', options, broadcastChecks);
    this.#source = source;
    this.#encode = encoderOf(this.#options);
    const { replay = 0 } = this.#options;
    this.#sent = new LocalChannel({ maxSize: replay, overflow: replay > 0 ? 'drop-oldest' : 'drop-newest' });
    const { signal } = this.#options;
    if (signal?.aborted) this.#isClosed = true;
    else if (signal) this.#stopSignal = onAbort(signal, () => void this.close().catch(() => undefined));
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Whether there are no more events. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /**
   * A `Response` for one more client; after the end one with the status 204, which tells a browser not to come again.
   *
   * @throws The error of the source, after it has failed.
   */
  response(request?: RequestLike): Response {
    const feed = this.#connect(request);
    return feed ? responseOf(feed, { ...sseHeaders, ...this.#options.headers }) : new Response(null, { status: 204 });
  }

  /**
   * Serves one more client over a response of Node.js; resolves once it has left, or the source has ended. After the end a
   * client is answered with the status 204, and after a failure with 500.
   *
   * @throws The error of the source, for each client: catch it; `ERR_OFFLOOP_OVERFLOW` if the client is too slow, with `overflow: 'error'`.
   */
  async pipe(response: NodeResponse): Promise<void> {
    checkResponse('pipe', response);
    let feed: Feed<Uint8Array> | undefined;
    try {
      feed = this.#connect(response.req);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500);
      response.end();
      throw error;
    }
    if (feed) await pipeFeed(feed, response, { ...sseHeaders, ...this.#options.headers });
    else response.writeHead(204).end();
  }

  /** Closes the source, and ends all responses after what waits for them. May be called again. */
  async close(): Promise<void> {
    this.#end();
    await this.#held?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #connect(request: RequestLike | undefined): Feed<Uint8Array> | undefined {
    if (this.#failure) throw this.#failure.error;
    if (this.#isClosed) return undefined;
    const { heartbeat, maxSize, overflow = 'drop-oldest', retry, signal } = this.#options;
    const lastEventId = lastEventIdOf(request);
    const channel = new Leaving<Uint8Array>({ maxSize, overflow }, () => this.#clients.delete(channel));
    return new Feed<Uint8Array>(channel, {
      // A response that nobody reads is no client.
      greeting: () => {
        this.#enter(channel);
        return new Uint8Array(Buffer.concat([Buffer.from(greetingOf(retry)), ...this.#after(lastEventId)]));
      },
      beat: heartbeatFrame,
      heartbeat,
      maxSize,
      signal,
      lastEventId,
      encode: (bytes) => joined(bytes, channel.drain()),
    });
  }

  #enter(channel: LocalChannel<Uint8Array>): void {
    if (this.#failure) channel.end(this.#failure.error);
    else if (this.#isClosed) channel.end();
    else this.#clients.add(channel);
    if (this.#hasBegun || this.#isClosed) return;
    this.#hasBegun = true;
    void this.#run();
  }

  /** The events after `id`; all that are kept, if it is older than these. */
  #after(id: string | undefined): Uint8Array[] {
    if (id === undefined) return [];
    const sent = this.#sent.snapshot();
    return sent.slice(sent.findLastIndex((it) => it.id === id) + 1).map(({ bytes }) => bytes);
  }

  async #run(): Promise<void> {
    try {
      const held = holdIterable(this.#source);
      this.#held = held;
      const items = held.open();
      const turns = new Turns();
      // One item after the other.
      // oxlint-disable no-await-in-loop
      for (;;) {
        const step = checkedStep(await items.next());
        if (this.#isClosed) return;
        if (step.done) break;
        await this.#send(step.value as T);
        if (turns.isDue) await turns.take();
      }
      // oxlint-enable no-await-in-loop
      this.#end();
    } catch (error) {
      if (this.#isClosed) return;
      this.#failure = { error };
      this.#end(error);
      this.#held?.close().catch(() => undefined);
    }
  }

  async #send(item: T): Promise<void> {
    const bytes = this.#encoder.encode(this.#encode(item));
    const id = this.#options.id?.(item);
    if (this.#sent.maxSize > 0) void this.#sent.put({ id: isNone(id) ? undefined : String(id), bytes });
    await Promise.all(Array.from(this.#clients, async (client) => this.#put(client, bytes)));
  }

  async #put(client: LocalChannel<Uint8Array>, bytes: Uint8Array): Promise<void> {
    try {
      await client.put(bytes);
    } catch (error) {
      // One that is too slow is told so; one that has left needs nothing.
      client.end(error);
    }
  }

  #end(...error: [] | [unknown]): void {
    this.#isClosed = true;
    this.#stopSignal?.();
    for (const client of this.#clients) client.end(...error);
  }
}

/** A channel that says when it is closed, by its client or at its end. */
class Leaving<T> extends LocalChannel<T> {
  readonly #onClose: () => void;

  constructor(options: ConstructorParameters<typeof LocalChannel<T>>[0], onClose: () => void) {
    super(options);
    this.#onClose = onClose;
  }

  override close(): void {
    super.close();
    this.#onClose();
  }
}

/** Joins the frames that wait to one piece. */
function joined(first: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  return others.length === 0 ? first : new Uint8Array(Buffer.concat([first, ...others]));
}

/**
 * Sends the items of `source` to any number of clients, at the cost of one encoding for each item: `response(request)` gives a
 * `Response` for one of them, `pipe(res)` serves a response of Node.js. At most `maxSize` events wait for a client; with the
 * default of `overflow`, `'drop-oldest'`, a slow one misses events; with `'error'` it is cut off, and goes on where it was if
 * `replay` has what it missed; with `'block'` all wait for the slowest. The other options are those of `sseResponse`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the source or an option cannot be used.
 *
 * @example
 * ```ts
 * const live = sseBroadcast(prices, { id: (price) => price.id, replay: 1000 });
 * app.get('/prices', (c) => live.response(c.req.raw));
 * ```
 */
export function sseBroadcast<T>(source: Items<T>, options: BroadcastOptions<T> = {}): SseBroadcast<T> {
  return new SseBroadcast(source, options);
}
