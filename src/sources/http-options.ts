/** The options of sources over HTTP. @module */

import { URL } from 'node:url';
import { argumentError } from '../base/errors.ts';
import { count, duration, kind, oneOf, ownOptions } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';
import type { Gap } from './connection.ts';
import { retryCheck } from './retry.ts';
import type { RetryOptions } from './retry.ts';

/** An event of a source. */
export interface SourceEvent<T = unknown> {
  readonly type: 'event';

  /** The message, as the option `parse` has read it. */
  readonly data: T;

  /** The name of a server-sent event, `'message'` if it has none; other sources have no names. */
  readonly event?: string;

  /** The id of the last server-sent event that had one, this one included; `undefined` if there was none. */
  readonly id?: string | undefined;
}

/** The items of a source: events, and notices that some may be missing. */
export type SourceItem<T = unknown> = SourceEvent<T> | Gap;

/** The facts that `headers` is told at each connection. */
export interface HeadersContext {
  /** Whether the server has answered 401 to what was given last: if other headers are given now, it is tried once more. */
  readonly refused: boolean;

  /** Aborted when nobody waits for the headers any more. */
  readonly signal: AbortSignal;
}

/** Headers of a request, as `fetch` takes them. */
export type HeaderFields = Readonly<Record<string, string>> | readonly (readonly [string, string])[] | Headers;

/** Headers, or a function that is called at each connection. */
export type SourceHeaders = HeaderFields | ((context: HeadersContext) => HeaderFields | Promise<HeaderFields>);

/** Options of `httpEvents`. */
export interface HttpEventsOptions<T = unknown> {
  /**
   * The format of the server: one JSON text a line, or server-sent events. @defaultValue `'sse'` if the answer has the type
   * `text/event-stream`, else `'ndjson'`
   */
  format?: 'ndjson' | 'sse' | undefined;

  /**
   * Reads a line, or the data of a server-sent event. What it throws counts as a failure of the connection.
   * @defaultValue `JSON.parse` for `'ndjson'`; the text itself for `'sse'`
   */
  parse?: ((text: string) => T) | undefined;

  /** Headers of the requests. A function, also an `async` one, is called at each connection. @defaultValue none */
  headers?: SourceHeaders | undefined;

  /** Other options of `fetch`, such as `method`, `body` or `dispatcher`. @defaultValue `{}` */
  request?: Readonly<Record<string, unknown>> | undefined;

  /** The function that is called instead of the global `fetch`, such as the one of the package `undici`. @defaultValue `fetch` */
  fetch?: typeof globalThis.fetch | undefined;

  /**
   * How long nothing may come while an event is waited for, or a connection, in milliseconds. Above 0; `fetch` has a limit
   * of its own of 300 seconds. @defaultValue `120_000`
   */
  idleTimeout?: number | undefined;

  /**
   * How it is connected again after a failure or an end; `false`: not at all, an end ends the iterator, and a failure is
   * thrown. @defaultValue `{ attempts: 8, delay: 1000, maxDelay: 30_000 }`
   */
  retry?: false | RetryOptions | undefined;

  /**
   * Which events only say that the server is there; they are swallowed. Blank lines and comments always are.
   * @defaultValue server-sent events with the name `ping`
   */
  isPing?: ((event: SourceEvent<T>) => boolean) | undefined;

  /** The id after which server-sent events are to begin. @defaultValue none */
  lastEventId?: string | undefined;

  /** How many bytes a line or an event may have; a whole number from 1. @defaultValue `16_777_216`, 16 MiB */
  maxLength?: number | undefined;

  /** Ends it: a pending `next()`, or else the next one, rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;
}

const checks: Readonly<Record<keyof HttpEventsOptions, Check>> = {
  format: oneOf('ndjson', 'sse'),
  parse: kind('function'),
  headers: kind('object', 'function'),
  request: kind('object'),
  fetch: kind('function'),
  idleTimeout: duration,
  retry: retryCheck,
  isPing: kind('function'),
  lastEventId: kind('string'),
  maxLength: count(1),
  signal: signalCheck,
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function checkedHttpOptions<T>(of: string, options: HttpEventsOptions<T>): Readonly<HttpEventsOptions<T>> {
  return ownOptions(of, options, checks);
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `url` is none, or of another protocol. */
export function checkedUrl(of: string, url: unknown, protocols: readonly string[]): string {
  const text = String(url);
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed && protocols.includes(parsed.protocol)) return text;
  const expected = protocols.map((it) => `${it}//…`).join(' or ');
  throw argumentError(`Cannot use the address of ${of}: expected ${expected}, received ${JSON.stringify(text)}`);
}

/** The address without what may be secret. */
export function nameOf(url: string): string {
  const { origin, host, protocol, pathname } = new URL(url);
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`;
}
