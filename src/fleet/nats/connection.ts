/** A connection to the server, which is made again when it is lost. @module */

import { now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { within } from '../../base/pause.ts';
import type { NatsConnection, NatsMessage } from '../../nats/client-types.ts';
import { connectTo, requestTime } from '../../nats/connect.ts';
import type { NatsManager } from './client-types.ts';
import { natsPackages } from './packages.ts';

/** The most bytes of a message as long as no server has said how many it takes: fewer than any does that is in use. */
const leastPayload = 32_768;

/** Told of the connection. */
export interface ConnectionListener {
  lost?(): void;
  back?(): void;

  /** It is gone for good, as with a password that is not right any more. */
  ended?(error: OffloopError): void;
}

/** A connection and what goes over it. */
export interface Opened {
  readonly connection: NatsConnection;
  readonly manager: NatsManager;
}

/**
 * One process's connection.
 *
 * Invariant: what was being opened at a `close` is given up, and never takes the place of what is opened after that.
 */
export class Connection {
  /** Since when the server has been there; `undefined` while it is not. */
  upSince: number | undefined;

  /** How long a server is looked for at the beginning, in milliseconds. */
  readonly timeout: number;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #listener: ConnectionListener;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;

  /** How often it was closed, by which an opening knows that nobody waits for it any more. */
  #closes = 0;
  #limit = leastPayload;

  constructor(options: Readonly<Record<string, unknown>>, timeout: number, listener: ConnectionListener) {
    this.#options = options;
    this.timeout = timeout;
    this.#listener = listener;
  }

  /** The connection if it is open, though the server may be away just now. */
  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** The most bytes of one message, as the server said last. */
  get limit(): number {
    return (this.#limit = this.#opened?.connection.info?.max_payload ?? this.#limit);
  }

  /**
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached in time, if it refuses to talk, or if the
   * connection is closed meanwhile.
   */
  open(): Promise<Opened> {
    return (this.#opening ??= this.#open());
  }

  /** Sends, if it is open; what is sent while the server is away may be lost. */
  publish(subject: string, data: Uint8Array | string, reply?: string): void {
    const connection = this.#opened?.connection;
    if (!connection || connection.isClosed() || subject === '') return;
    connection.publish(subject, data, reply === undefined ? {} : { reply });
  }

  /** Resolves once the server has all that was sent, or does not answer in time. */
  async flush(): Promise<void> {
    const connection = this.#opened?.connection;
    if (connection && this.upSince !== undefined) await within(requestTime, connection.flush());
  }

  /** Closes it, after all that was sent has gone out if the server is there. */
  async close(): Promise<void> {
    const opening = this.#opening;
    const opened = this.#opened;
    const wasUp = this.upSince !== undefined;
    this.#closes += 1;
    this.#opening = undefined;
    this.#opened = undefined;
    this.upSince = undefined;
    if (!opened) return void (await opening?.catch(() => undefined));
    if (opened.connection.isClosed()) return;
    if (wasUp) await within(requestTime, opened.connection.flush());
    await within(requestTime, opened.connection.close());
  }

  async #open(): Promise<Opened> {
    const closes = this.#closes;
    const isWanted = (): boolean => closes === this.#closes;
    try {
      const packages = natsPackages();
      const connection = await connectTo(packages, this.#options, this.timeout, isWanted);
      const manager = await packages.jetstreamManager(connection, { checkAPI: false, timeout: requestTime });
      if (!isWanted()) {
        await within(requestTime, connection.close());
        throw new OffloopError('ERR_OFFLOOP_BROKER', 'Cannot connect to NATS: the connection was closed meanwhile');
      }
      this.upSince = now();
      this.#opened = { connection, manager };
      void this.#watch(connection);
      return this.#opened;
    } catch (error) {
      if (isWanted()) this.#opening = undefined;
      throw error;
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (this.#opened?.connection !== connection) return;
      if (type === 'disconnect' && this.upSince !== undefined) {
        this.upSince = undefined;
        this.#listener.lost?.();
      } else if (type === 'reconnect') {
        this.upSince = now();
        this.#listener.back?.();
      }
    }
    if (this.#opened?.connection !== connection) return;
    this.#opened = undefined;
    this.#opening = undefined;
    this.upSince = undefined;
    this.#listener.ended?.(new OffloopError('ERR_OFFLOOP_BROKER', 'The connection to NATS was closed for good'));
  }
}

/** Whether the message only says that nobody listens at the subject that something was sent to. */
export const isNobody = ({ data, headers }: NatsMessage): boolean => data.length === 0 && headers?.code === 503;
