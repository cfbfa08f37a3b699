/** A connection to the server, which is made again when it is lost. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { NatsConnection, NatsManager, NatsMessage } from './client-types.ts';
import { natsPackages } from './packages.ts';

/** How long to wait before a server is tried again, in milliseconds. */
const between = 200;

/** How long the server may take to answer, in milliseconds. */
const requestTime = 5000;

/** The most bytes of a message if the server does not say. */
const usualPayload = 1_048_576;

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

/** One process's connection. */
export class Connection {
  /** Since when the server has been there; `undefined` while it is not. */
  upSince: number | undefined;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #timeout: number;
  readonly #listener: ConnectionListener;
  #opening: Promise<Opened> | undefined;
  #opened: Opened | undefined;

  constructor(options: Readonly<Record<string, unknown>>, timeout: number, listener: ConnectionListener) {
    this.#options = options;
    this.#timeout = timeout;
    this.#listener = listener;
  }

  /** The connection if it is open, though the server may be away just now. */
  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** The most bytes of one message. */
  get limit(): number {
    return this.#opened?.connection.info?.max_payload ?? usualPayload;
  }

  /** @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached in time, or it refuses to talk. */
  open(): Promise<Opened> {
    return (this.#opening ??= this.#open());
  }

  /** Sends, if it is open; what is sent while the server is away may be lost. */
  publish(subject: string, data: Uint8Array | string, reply?: string): void {
    const connection = this.#opened?.connection;
    if (!connection || connection.isClosed() || subject === '') return;
    connection.publish(subject, data, reply === undefined ? {} : { reply });
  }

  /** Closes it, after all that was sent has gone out if the server is there. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    const opened = this.#opened ?? (await opening?.catch(() => undefined));
    const wasUp = this.upSince !== undefined;
    this.#opened = undefined;
    this.upSince = undefined;
    if (!opened || opened.connection.isClosed()) return;
    if (wasUp) await atMost(requestTime, opened.connection.flush());
    await atMost(requestTime, opened.connection.close());
  }

  async #open(): Promise<Opened> {
    try {
      const connection = await this.#connect();
      const manager = await natsPackages().jetstreamManager(connection, { checkAPI: false, timeout: requestTime });
      this.upSince = now();
      this.#opened = { connection, manager };
      void this.#watch(connection);
      return this.#opened;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #connect(): Promise<NatsConnection> {
    const { connect } = natsPackages();
    const start = now();
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        return await connect({
          maxReconnectAttempts: -1,
          reconnectTimeWait: between,
          pingInterval: 10_000,
          noAsyncTraces: true,
          timeout: requestTime,
          ...this.#options,
        });
      } catch (cause) {
        // A server that is there and says no is not asked again.
        if (now() - start >= this.#timeout || !/Connection|Timeout/.test((cause as Error).name)) {
          const text = `Cannot connect to NATS: ${(cause as Error).message}`;
          throw new OffloopError('ERR_OFFLOOP_BROKER', text, { cause });
        }
      }
      // oxlint-disable-next-line no-await-in-loop
      await pause(between);
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

async function settled(action: Promise<unknown>): Promise<void> {
  try {
    await action;
  } catch {
    // It is over either way.
  }
}

async function pause(time: number): Promise<void> {
  await new Promise<void>((resolve) => held(time, resolve));
}

/** Waits for `action`, but no longer than `time`. */
export async function atMost(time: number, action: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = held(time, resolve);
    const end = (): void => {
      timer.letGo();
      timer.cancel();
      resolve();
    };
    void settled(action).then(end);
  });
}

/** Runs `action` after `time`, and keeps the process alive until then. */
function held(time: number, action: () => void): Later {
  const timer = after(time, () => {
    timer.letGo();
    action();
  });
  timer.hold();
  return timer;
}
