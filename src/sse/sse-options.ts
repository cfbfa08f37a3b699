/** The options of live pages. @module */

import { configuration } from '../base/config.ts';
import { argumentError } from '../base/errors.ts';
import { count, duration, kind, oneOf, ownOptions, timeLimit } from '../base/options.ts';
import type { Check } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';
import type { Overflow } from '../channel/ring/ring.ts';

/** Anything that gives items. */
export type Items<T> = AsyncIterable<T> | Iterable<T>;

/** The facts that are known of a client that connects. */
export interface ClientContext {
  /** The id of the last event that it has, if it was connected before. */
  readonly lastEventId: string | undefined;

  /** Aborted when the client has left. */
  readonly signal: AbortSignal;
}

/** Items, or a function that gives them for a client. */
export type SseSource<T> = Items<T> | ((client: ClientContext) => Items<T> | PromiseLike<Items<T>>);

/** Options for what a client is sent. */
export interface ClientOptions {
  /**
   * How long nothing may be sent before a sign of life is, in milliseconds. Above 0; `Infinity` for none.
   * @defaultValue `15_000`
   */
  heartbeat?: number | undefined;

  /** How many items may wait for a slow client, unless `overflow` is `'block'`; a whole number from 1. @defaultValue as `configure` says: `1024` */
  maxSize?: number | undefined;

  /**
   * With `'block'` an item is asked for when the client has room. The others ask for items as they come: where `maxSize` wait,
   * `'drop-oldest'` and `'drop-newest'` drop one, and `'error'` ends the response. @defaultValue `'block'`
   */
  overflow?: Overflow | undefined;

  /** Headers of the response, beside those that make it a stream. @defaultValue `{}` */
  headers?: Readonly<Record<string, string>> | undefined;

  /** Ends the response, as a client that leaves does. @defaultValue none */
  signal?: AbortSignal | undefined;
}

/** How an item becomes an event. */
export interface FrameOptions<T> {
  /** The name of the events, or a function of an item that gives it. @defaultValue none: browsers call it `message` */
  event?: string | ((item: T) => string | undefined) | undefined;

  /** A function of an item that gives its id, by which a browser goes on when it connects again. @defaultValue none */
  id?: ((item: T) => string | number | undefined) | undefined;

  /** A function of an item that gives what is sent: a string as it is, anything else as JSON. @defaultValue the item */
  data?: ((item: T) => unknown) | undefined;

  /** How long a browser is to wait before it connects again, in milliseconds from 0. @defaultValue what the browser does */
  retry?: number | undefined;
}

/** Options of `pipeSse`. */
export interface PipeSseOptions<T> extends ClientOptions, FrameOptions<T> {}

/** The parts that are read of a request: that of `fetch`, or that of Node.js. */
export interface RequestLike {
  readonly headers: { get(name: string): string | null } | Readonly<Record<string, string | string[] | undefined>>;
}

/** Options of `sseResponse`. */
export interface SseOptions<T> extends PipeSseOptions<T> {
  /** The request that is answered; its `Last-Event-ID` is handed to the source. @defaultValue none */
  request?: RequestLike | undefined;
}

const clientChecks: Readonly<Record<keyof ClientOptions, Check>> = {
  heartbeat: duration,
  maxSize: count(1, { unbounded: true }),
  overflow: oneOf('block', 'error', 'drop-oldest', 'drop-newest'),
  headers: kind('object'),
  signal: signalCheck,
};

const frameChecks: Readonly<Record<keyof FrameOptions<unknown>, Check>> = {
  event: kind('string', 'function'),
  id: kind('function'),
  data: kind('function'),
  retry: timeLimit,
};

const request: Check = kind('object');

export const ndjsonChecks: Readonly<Record<string, Check>> = { ...clientChecks, data: kind('function'), request };
export const pipeChecks: Readonly<Record<string, Check>> = { ...clientChecks, ...frameChecks };
export const responseChecks: Readonly<Record<string, Check>> = { ...pipeChecks, request };
export const broadcastChecks: Readonly<Record<string, Check>> = { ...pipeChecks, replay: count(0) };

interface Defaults {
  readonly heartbeat: number;
  readonly maxSize: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Options that were checked, with the defaults that all have in common. */
export type Checked<O> = Omit<Readonly<O>, keyof Defaults> & Defaults;

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function checkedOptions<O extends ClientOptions>(
  of: string,
  options: O,
  checks: Readonly<Record<string, Check>>,
): Checked<O> {
  const own = ownOptions(of, options, checks);
  const { heartbeat = 15_000, maxSize = Math.max(configuration.maxSize, 1), headers = {} } = own;
  return { ...own, heartbeat, maxSize, headers };
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`. */
export function checkedSource<T>(of: string, source: SseSource<T>): SseSource<T> {
  if (typeof source === 'function' || isIterable(source)) return source;
  const received = source === null ? 'null' : typeof source;
  throw argumentError(`Cannot use the source of ${of}: expected an iterable or a function, received ${received}`);
}

/** Whether a page can be sent the items of `value`. */
export function isIterable(value: unknown): value is Items<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

/** The id after which a browser wants to go on; headers are made of bytes, those of UTF-8 here. */
export function lastEventIdOf(request: RequestLike | undefined): string | undefined {
  const headers = request?.headers;
  if (!headers) return undefined;
  const { get } = headers;
  const value =
    typeof get === 'function'
      ? (get.call(headers, 'last-event-id') as unknown)
      : (headers as Readonly<Record<string, unknown>>)['last-event-id'];
  return typeof value === 'string' && value !== '' ? Buffer.from(value, 'latin1').toString('utf8') : undefined;
}
