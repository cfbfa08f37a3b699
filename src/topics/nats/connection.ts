/** The connection to NATS that all topics of one transport share. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { loadPeer } from '../../base/peer.ts';
import type { NatsConnection, NatsManager, NatsPackages } from './client-types.ts';

/** Told of the connection. */
export interface ConnectionListener {
  lost(): void;
  back(): void;
}

/** How long an unused connection stays, in milliseconds. It keeps the process alive. */
const idleTime = 1000;

/** How long to wait before the server is tried again, in milliseconds. */
const between = 250;

/** How long the server may take to store a message, in milliseconds, before it is sent again. */
export const requestTime = 5000;

/** How long the server may take to answer anything else before it is asked again, in milliseconds. */
export const askTime = 1000;

let packages: NatsPackages | undefined;

/** @throws {OffloopError} `ERR_OFFLOOP_PEER` if the packages are missing, or of another version. */
export function natsPackages(): NatsPackages {
  const load = (name: string): object =>
    loadPeer({ name: `@nats-io/${name}`, from: [3, 0], below: 4, use: 'topics over NATS' }) as object;
  return (packages ??= { ...load('transport-node'), ...load('jetstream') } as NatsPackages);
}

/** A connection and what goes over it. */
export interface Link {
  readonly connection: NatsConnection;
  readonly manager: NatsManager;
}

/**
 * Connects when it is used, again and again if the server is away, and closes the connection when nobody has used it for a
 * second, so that the process can end.
 *
 * Invariant: while there is a listener, the connection stays.
 */
export class Connection {
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #timeout: number;
  readonly #listeners = new Set<ConnectionListener>();
  #opening: Promise<Link> | undefined;
  #link: Link | undefined;
  #idle: Later | undefined;
  #isUp = false;

  constructor(options: Readonly<Record<string, unknown>>, timeout: number) {
    this.#options = options;
    this.#timeout = timeout;
  }

  /** Whether the server is there. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Keeps it open; gives what ends that. */
  use(listener: ConnectionListener): () => void {
    this.#idle?.cancel();
    this.#idle = undefined;
    this.#listeners.add(listener);
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#idle = after(idleTime, () => void this.close());
    };
  }

  /**
   * The connection, which may be away just now.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached in time, or it refuses to talk.
   */
  async open(): Promise<Link> {
    return this.#link ?? (this.#opening ??= this.#open());
  }

  /** Closes it, after all that was published has gone out. */
  async close(): Promise<void> {
    this.#idle?.cancel();
    this.#idle = undefined;
    const link = this.#link;
    this.#link = undefined;
    this.#opening = undefined;
    if (!link) return;
    // A connection that is away cannot be drained.
    if (this.#isUp) await Promise.race([link.connection.drain(), link.connection.closed()]).catch(() => undefined);
    await link.connection.close();
  }

  async #open(): Promise<Link> {
    try {
      const connection = await this.#connect();
      const manager = await natsPackages().jetstreamManager(connection, { checkAPI: false, timeout: askTime });
      this.#link = { connection, manager };
      this.#isUp = true;
      void this.#watch(connection);
      return this.#link;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #connect(): Promise<NatsConnection> {
    const { connect } = natsPackages();
    let isLate = false;
    const limit = after(this.#timeout, () => (isLate = true));
    limit.hold();
    try {
      for (;;) {
        try {
          return await connect({
            maxReconnectAttempts: -1,
            reconnectTimeWait: between,
            pingInterval: 10_000,
            timeout: requestTime,
            ...this.#options,
          });
        } catch (cause) {
          // A server that is there and says no is not asked again.
          if (isLate || !/Connection|Timeout/.test((cause as Error).name))
            throw new OffloopError('ERR_OFFLOOP_BROKER', `Cannot connect to NATS: ${(cause as Error).message}`, {
              cause,
            });
        }
        await pause(between);
      }
    } finally {
      limit.letGo();
      limit.cancel();
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' && this.#isUp) {
        this.#isUp = false;
        for (const listener of this.#listeners) listener.lost();
      } else if (type === 'reconnect') {
        this.#isUp = true;
        for (const listener of this.#listeners) listener.back();
      }
    }
    if (this.#link?.connection !== connection) return;
    // It was closed for good, as after a password that has expired: the next use makes another one.
    this.#link = undefined;
    this.#opening = undefined;
    this.#isUp = false;
    for (const listener of this.#listeners) listener.lost();
  }
}

/** Resolves after `time` milliseconds, for which the process stays alive. */
export function pause(time: number): Promise<void> {
  return new Promise((resolve) => {
    const later = after(time, () => {
      later.letGo();
      resolve();
    });
    later.hold();
  });
}
