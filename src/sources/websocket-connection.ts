/** A WebSocket that is read as its messages come. @module */

import type { EventEmitter } from 'node:events';
import { Promise } from '../base/intrinsics.ts';
import { IdleWatch } from '../base/idle-watch.ts';
import type { Connection, ItemsHere } from './connection.ts';
import { ended, failed, idle, tooLong, unreadable } from './failures.ts';
import type { SourceEvent } from './http-options.ts';
import type { WebSocketData, WebSocketEventsOptions } from './websocket-options.ts';

/** A socket of `ws`, as far as it is used. */
export interface Socket extends EventEmitter {
  readonly readyState: number;
  pause(): void;
  resume(): void;
  ping(): void;
  close(): void;
  terminate(): void;
}

/** How many messages may wait before the socket is paused. */
const mostWaiting = 64;

/** The options of one connection. */
export interface ConnectionOptions extends Pick<WebSocketEventsOptions, 'parse' | 'isPing'> {
  readonly name: string;
  readonly idleTimeout: number;
  readonly maxLength: number;
}

/** Invariant: the socket is paused while `mostWaiting` messages or more wait. */
export class WebSocketConnection<T extends object> implements Connection<T>, ItemsHere<T> {
  isGood = false;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #watch: IdleWatch;
  readonly #pings: IdleWatch;
  #messages: WebSocketData[] = [];
  #taken = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    const { name, idleTimeout, maxLength } = options;
    this.#watch = new IdleWatch(idleTimeout, () => this.#fail(idle(name, idleTimeout)));
    this.#pings = new IdleWatch(idleTimeout / 2, () => socket.ping());
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#hear(isBinary ? data : data.toString('utf8')));
    for (const sign of ['ping', 'pong']) socket.on(sign, () => this.#isAlive());
    socket.on('error', (error: { code?: unknown }) => {
      const isLong = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      this.#fail(isLong ? tooLong(maxLength) : failed(name, error));
    });
    socket.on('close', (code: number) => this.#fail(ended(name, `the connection was closed with ${code}`), code));
  }

  get items(): this {
    return this;
  }

  take(): T | undefined {
    while (this.#taken < this.#messages.length && !this.#isUnreadable) {
      const message = this.#messages[this.#taken] as WebSocketData;
      this.#taken += 1;
      const item = this.#read(message);
      if (item !== undefined) return item;
    }
    return undefined;
  }

  async more(): Promise<boolean> {
    if (this.#taken >= this.#messages.length && !this.#failure) {
      this.#messages = [];
      this.#taken = 0;
      this.#socket.resume();
      this.#watch.begin();
      this.#pings.begin();
      await new Promise<void>((resolve) => (this.#wake = resolve));
      // A sign of life from now on is none that anybody waits for.
      this.#wake = undefined;
      this.#watch.end();
      this.#pings.end();
    }
    if (this.#taken < this.#messages.length && !this.#isUnreadable) return true;
    if (!this.#failure) return true;
    // A server that closes in good order has said all.
    if (this.#failure.error === undefined) return false;
    throw this.#failure.error;
  }

  close(): void {
    this.#watch.close();
    this.#pings.close();
    this.#wake?.();
    // A socket that is not open yet tells of its end by an error.
    this.#socket.on('error', () => undefined);
    if (this.#socket.readyState === 1) this.#socket.close();
    this.#socket.terminate();
  }

  /** Whether a message could not be read: those after it are not given. */
  #isUnreadable = false;

  #read(message: WebSocketData): T | undefined {
    const { parse, isPing, name } = this.#options;
    try {
      const event: SourceEvent<WebSocketData> = { type: 'event', data: parse ? parse(message) : message };
      this.isGood = true;
      return isPing?.(event) === true ? undefined : (event as object as T);
    } catch (error) {
      this.#isUnreadable = true;
      this.#failure = { error: unreadable(name, String(message), error) };
      return undefined;
    }
  }

  #hear(message: WebSocketData): void {
    this.#messages.push(message);
    if (this.#messages.length - this.#taken >= mostWaiting) this.#socket.pause();
    this.#wake?.();
  }

  #isAlive(): void {
    this.isGood = true;
    if (!this.#wake) return;
    this.#watch.begin();
    this.#pings.begin();
  }

  #fail(error: unknown, code?: number): void {
    this.#failure ??= { error: code === 1000 ? undefined : error };
    this.#wake?.();
  }
}
