/** The connection to NATS that all topics of one transport share. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import type { NatsConnection } from '../../nats/client-types.ts';
import type { NatsManager } from './client-types.ts';
import { connectTo } from '../../nats/connect.ts';
import { natsPackages } from './packages.ts';
import { within } from '../../base/pause.ts';
import { askTime } from './patience.ts';
import { Reach } from './reach.ts';

/** Told of the connection. */
export interface ConnectionListener {
  lost(): void;
  back(): void;

  /** The client has given it up, as with a password that is not right any more. */
  ended(): void;
}

/** How long an unused connection stays, in milliseconds. It keeps the process alive. */
const idleTime = 1000;

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
  readonly #reach = new Reach();
  #closings = 0;

  constructor(options: Readonly<Record<string, unknown>>, timeout: number) {
    this.#options = options;
    this.#timeout = timeout;
  }

  /** Whether the server is there. */
  get isUp(): boolean {
    return this.#reach.isUp;
  }

  /** How often it was lost. */
  get losses(): number {
    return this.#reach.losses;
  }

  /** Keeps it open; gives what ends that. */
  use(listener: ConnectionListener): () => void {
    this.#idle?.cancel();
    this.#idle = undefined;
    this.#listeners.add(listener);
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#rest();
    };
  }

  #rest(): void {
    this.#idle?.cancel();
    this.#idle = after(idleTime, () => void this.close());
  }

  /**
   * The connection, which may be away just now.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BROKER` if no server can be reached in time, or it refuses to talk.
   */
  async open(): Promise<Link> {
    return this.#link ?? (this.#opening ??= this.#open());
  }

  /**
   * The answer to a question that goes out while the server is there.
   *
   * @throws {UnreachableError} if it is not there, or is lost before it has answered.
   */
  async ask<T>(question: (link: Link) => Promise<T>): Promise<T> {
    const link = await this.open();
    await this.#reach.wait();
    return this.#reach.answer(async () => question(link));
  }

  /** Closes it, after all that was published has gone out, if the server takes it. */
  async close(): Promise<void> {
    this.#idle?.cancel();
    this.#idle = undefined;
    this.#closings += 1;
    const opening = this.#opening;
    this.#opening = undefined;
    // One that is being made is closed when it is there.
    if (!this.#link && opening) void settled(async () => end((await opening).connection));
    const link = this.#link;
    this.#link = undefined;
    if (!link) return;
    const { connection } = link;
    // Another one may be there before this one is gone.
    const wasUp = this.isUp;
    this.#reach.isUp = false;
    // A connection that is away cannot be drained.
    if (wasUp) await within(askTime, Promise.race([connection.drain(), connection.closed()]));
    await end(connection);
  }

  async #open(): Promise<Link> {
    const closings = this.#closings;
    try {
      const isWanted = (): boolean => this.#closings === closings;
      const connection = await connectTo(natsPackages(), this.#options, this.#timeout, isWanted);
      const manager = await natsPackages().jetstreamManager(connection, { checkAPI: false, timeout: askTime });
      const link = { connection, manager };
      if (!isWanted()) return link;
      this.#link = link;
      this.#reach.back();
      void this.#watch(connection);
      // The listener that has asked for it may be gone by now.
      if (this.#listeners.size === 0) this.#rest();
      return link;
    } catch (error) {
      if (this.#closings === closings) this.#opening = undefined;
      throw error;
    }
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (this.#link?.connection !== connection) return;
      if (type === 'disconnect' && this.isUp) {
        this.#reach.lost();
        for (const listener of this.#listeners) listener.lost();
      } else if (type === 'reconnect') {
        this.#reach.back();
        for (const listener of this.#listeners) listener.back();
      }
    }
    if (this.#link?.connection !== connection) return;
    // It was closed for good: the next use makes another one.
    this.#link = undefined;
    this.#opening = undefined;
    if (this.isUp) this.#reach.lost();
    for (const listener of this.#listeners) listener.ended();
  }
}

async function end(connection: NatsConnection): Promise<void> {
  await within(askTime, connection.close());
}
