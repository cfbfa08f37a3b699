/** Connects to a source over a WebSocket. @module */

import { argumentError } from '../base/errors.ts';
import { AbortController, Promise } from '../base/intrinsics.ts';
import { loadPeer } from '../base/peer.ts';
import { IdleWatch } from '../base/idle-watch.ts';
import { reasonOf } from '../base/signal.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import type { Connection, Connector, Gap } from './connection.ts';
import { failed, idle, refused, SourceError, unauthorized } from './failures.ts';
import { headersFrom } from './headers.ts';
import { nameOf } from './http-options.ts';
import { retryAfterFrom } from './retry.ts';
import { WebSocketConnection } from './websocket-connection.ts';
import type { Socket } from './websocket-connection.ts';
import type { WebSocketEventsOptions } from './websocket-options.ts';

type SocketClass = new (url: string, protocols: readonly string[], options: object) => Socket;

interface Answer {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  resume(): void;
}

const peer = { name: 'ws', from: [8, 18], below: 9, use: 'websocketEvents' } as const;

export class WebSocketConnector<T extends object> implements Connector<T> {
  readonly name: string;
  readonly idleTimeout: number;
  readonly #url: string;
  readonly #options: WebSocketEventsOptions;

  constructor(url: string, options: WebSocketEventsOptions) {
    this.name = nameOf(url);
    this.idleTimeout = options.idleTimeout ?? 120_000;
    this.#url = url;
    this.#options = options;
  }

  resumes(): boolean {
    return false;
  }

  retryDelay(): undefined {
    return undefined;
  }

  gap(facts: Gap): T {
    return facts as object as T;
  }

  async connect(signal: AbortSignal): Promise<Connection<T>> {
    const { headers } = this.#options;
    let given = await this.#headers(false, signal);
    const first = await this.#open(given, signal);
    if (!(first instanceof SourceError)) return first;
    if (first.code !== 'ERR_OFFLOOP_UNAUTHORIZED' || typeof headers !== 'function') throw first;
    const before = JSON.stringify([...given]);
    given = await this.#headers(true, signal);
    // The same again would be refused again.
    if (JSON.stringify([...given]) === before) throw first;
    const second = await this.#open(given, signal);
    if (second instanceof SourceError) throw second;
    return second;
  }

  /** The headers of the moment, for which nobody waits longer than for an answer. */
  async #headers(refused: boolean, signal: AbortSignal): Promise<Headers> {
    signal.throwIfAborted();
    const { name, idleTimeout } = this;
    const controller = new AbortController();
    const stop = onAbort(signal, () => controller.abort(reasonOf(signal)));
    const watch = new IdleWatch(idleTimeout, () => controller.abort(idle(name, idleTimeout)));
    watch.begin();
    try {
      return await headersFrom(this.#options.headers, { refused, signal: controller.signal });
    } finally {
      watch.close();
      stop();
    }
  }

  /** A connection, or the refusal of the server. */
  async #open(headers: Headers, signal: AbortSignal): Promise<WebSocketConnection<T> | SourceError> {
    signal.throwIfAborted();
    const { maxLength = 16 * 1024 * 1024 } = this.#options;
    const { name, idleTimeout } = this;
    const socket = this.#socket(headers, maxLength);
    const connection = new WebSocketConnection<T>(socket, { ...this.#options, name, idleTimeout, maxLength });
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        stop();
        watch.close();
        connection.close();
        reject(error);
      };
      const watch = new IdleWatch(idleTimeout, () => fail(idle(name, idleTimeout)));
      const stop = onAbort(signal, () => fail(reasonOf(signal)));
      watch.begin();
      socket.once('open', () => {
        stop();
        watch.close();
        resolve(connection);
      });
      socket.once('unexpected-response', (_: unknown, { statusCode = 0, headers: answered }: Answer) => {
        stop();
        watch.close();
        connection.close();
        const retryAfter = retryAfterFrom(answered['retry-after'], answered['date']);
        resolve(
          [401, 407].includes(statusCode) ? unauthorized(name, statusCode) : refused(name, statusCode, retryAfter),
        );
      });
      socket.once('error', (error: unknown) => fail(failed(name, error)));
    });
  }
  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` for options that `ws` refuses, as it would each time. */
  #socket(headers: Headers, maxPayload: number): Socket {
    const { protocols = [], connection: more } = this.#options;
    const Class = loadPeer(peer) as SocketClass;
    try {
      return new Class(this.#url, protocols, { ...more, headers: Object.fromEntries(headers), maxPayload });
    } catch (error) {
      throw argumentError(`Cannot connect to ${this.name}: ${(error as Error).message}`);
    }
  }
}
