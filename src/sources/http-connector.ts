/** Connects to a source over HTTP, with the headers of the moment. @module */

import { argumentError } from '../base/errors.ts';
import { AbortController } from '../base/intrinsics.ts';
import { reasonOf } from '../base/signal.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import type { Connection, Connector, Gap } from './connection.ts';
import { ended, idle, refused, unauthorized } from './failures.ts';
import { failureOf, HttpConnection } from './http-connection.ts';
import type { Exchange } from './http-connection.ts';
import { headersFrom, until } from './headers.ts';
import type { HeadersArgument } from './headers.ts';
import { nameOf } from './http-options.ts';
import type { HttpEventsOptions, SourceEvent } from './http-options.ts';
import { IdleWatch } from '../base/idle-watch.ts';
import { lastEventIdHeader } from './last-event-id.ts';
import { NdjsonReader } from './ndjson-reader.ts';
import type { Reader, ReaderOptions } from './ndjson-reader.ts';
import { retryAfterFrom } from './retry.ts';
import { loadParser, SseReader } from './sse-reader.ts';
import type { Position } from './sse-reader.ts';

/** Makes the item of an event, for a source that stands on this one. */
export type MakeItem<T> = (event: SourceEvent) => T;

const accepted = { ndjson: 'application/x-ndjson, application/json', sse: 'text/event-stream' } as const;
const either = `${accepted.sse}, ${accepted.ndjson}`;

/** Statuses that say that the credentials are wrong, those for a proxy included. */
const unauthorizedStatuses: readonly number[] = [401, 407];

/** Statuses of the standard for server-sent events that say that there is no more. */
const noContent: readonly number[] = [204, 205];

/** Invariant: `position` is that of the last event that was read whole. */
export class HttpConnector<T extends object> implements Connector<T> {
  readonly name: string;
  readonly idleTimeout: number;
  readonly #url: string;
  readonly #options: HttpEventsOptions;
  readonly #item: MakeItem<T> | undefined;
  readonly #position: Position;

  /** Whether the last response was one of server-sent events. */
  #isSse = false;

  constructor(url: string, options: HttpEventsOptions, item?: MakeItem<T>) {
    this.name = nameOf(url);
    this.idleTimeout = options.idleTimeout ?? 120_000;
    this.#url = url;
    this.#options = options;
    this.#item = item;
    this.#position = { lastEventId: options.lastEventId ?? '', retry: undefined };
  }

  resumes(): boolean {
    return this.#isSse && this.#resumeHeader !== undefined;
  }

  retryDelay(): number | undefined {
    return this.#position.retry;
  }

  gap(facts: Gap): T {
    return facts as object as T;
  }

  async connect(signal: AbortSignal): Promise<Connection<T> | undefined> {
    const { exchange, signal: ending } = this.#begin(signal);
    try {
      exchange.watch.begin();
      const response = await this.#respond(ending);
      const reader = response && (await this.#readerFor(response));
      exchange.watch.end();
      if (reader) return new HttpConnection(exchange, response, reader);
    } catch (error) {
      exchange.watch.close();
      exchange.abort();
      throw error;
    }
    exchange.watch.close();
    exchange.abort();
    return undefined;
  }

  /** The signal of one request: aborted with the source, or when nothing comes. */
  #begin(signal: AbortSignal): { exchange: Exchange; signal: AbortSignal } {
    const { name, idleTimeout } = this;
    const controller = new AbortController();
    const stop = onAbort(signal, () => controller.abort(reasonOf(signal)));
    const abort = (): void => {
      stop();
      controller.abort();
    };
    const watch = new IdleWatch(idleTimeout, () => controller.abort(idle(name, idleTimeout)));
    return { exchange: { name, idleTimeout, watch, abort }, signal: controller.signal };
  }

  /** A response with a body; nothing, if the server says that there is no more. */
  async #respond(signal: AbortSignal): Promise<Response | undefined> {
    const { headers } = this.#options;
    let given = await this.#headers(false, signal);
    let response = await this.#request(given, signal);
    if (response.status === 401 && typeof headers === 'function') {
      const refusedOnes = [...given];
      given = await this.#headers(true, signal);
      // The same again would be refused again.
      if (JSON.stringify([...given]) !== JSON.stringify(refusedOnes)) {
        await discard(response);
        response = await this.#request(given, signal);
      }
    }
    const { status } = response;
    if (response.ok && response.body && !noContent.includes(status)) return response;
    await discard(response);
    if (unauthorizedStatuses.includes(status)) throw unauthorized(this.name, status);
    if (response.ok) return undefined;
    throw refused(this.name, status, retryAfterFrom(response.headers.get('retry-after'), response.headers.get('date')));
  }

  /** The headers of the next request: those of the option, and those that the format needs. */
  async #headers(refused: boolean, signal: AbortSignal): Promise<Headers> {
    const { format, headers, request } = this.#options;
    const given = await headersFrom(headers, { refused, signal });
    const all = new Headers(request?.['headers'] as HeadersArgument);
    given.forEach((value, name) => all.set(name, value));
    if (!all.has('accept')) all.set('accept', format ? accepted[format] : either);
    const resume = this.#resumeHeader;
    if (resume !== undefined) all.set('last-event-id', resume);
    return all;
  }

  get #resumeHeader(): string | undefined {
    return lastEventIdHeader(this.#position.lastEventId);
  }

  async #request(headers: Headers, signal: AbortSignal): Promise<Response> {
    const { fetch = globalThis.fetch, request } = this.#options;
    let response: Response;
    try {
      response = await until(
        fetch(this.#url, { cache: 'no-store', ...request, headers, signal } as RequestInit),
        signal,
      );
    } catch (error) {
      throw failureOf(error, this);
    }
    // Some packages give a stream of Node.js.
    const { status, body } = Object(response) as { status?: unknown; body?: { getReader?: unknown } | null };
    if (typeof status !== 'number' || (body && typeof body.getReader !== 'function'))
      throw argumentError(
        'Cannot use the option fetch: it gives no Response of the standard, with a web stream as its body',
      );
    return response;
  }

  async #readerFor(response: Response): Promise<Reader<T>> {
    const { parse, isPing, maxLength = 16 * 1024 * 1024, format } = this.#options;
    const { name } = this;
    const type = /^\s*([^;\s]*)/.exec(response.headers.get('content-type') ?? '')?.[1]?.toLowerCase() ?? '';
    const isSse = type === accepted.sse;
    // A page that says what is wrong has no events; it would be read as an empty stream.
    if (format && isSse !== (format === 'sse') && (isSse || type !== ''))
      throw ended(name, `expected ${format === 'sse' ? accepted.sse : 'lines of JSON'}, the server sends ${type}`);
    const options: ReaderOptions<T> = { name, maxLength, parse, isPing, item: this.#item };
    this.#isSse = isSse || format === 'sse';
    if (!this.#isSse) return new NdjsonReader(options);
    return new SseReader(await loadParser(), this.#position, options);
  }
}

async function discard(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // It has failed already.
  }
}
