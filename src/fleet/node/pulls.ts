/** Asks the queue of one code for as many calls as there are free threads. @module */

import { after, now } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import type { Later } from '../../base/clock.ts';
import type { NatsMessage, NatsSubscription } from '../../nats/client-types.ts';
import type { Connection } from '../nats/connection.ts';
import { streamConfig } from '../nats/names.ts';
import type { Names } from '../nats/names.ts';
import { isPassing } from '../nats/passing.ts';

/** How long the server keeps a question, and how often it says that it is there, in milliseconds. */
const pullTime = 30_000;
const beatTime = 5000;

/** How long to wait before the server is asked again that has refused something, in milliseconds. */
const breath = 100;

/** How often a call is delivered before the queue gives it up. */
export const mostDeliveries = 10;

/** What pulls stand on. */
export interface PullEnds {
  readonly connection: Connection;
  readonly names: Names;
  readonly id: string;
  readonly hash: string;

  /** After how many milliseconds without a sign of life a call is delivered to another node. */
  readonly ackWait: number;

  /** More settings of the stream, if it is not there yet. */
  readonly stream: Readonly<Record<string, unknown>>;
  take(message: NatsMessage): void;
  trouble(error: unknown): void;
}

/**
 * The questions to one queue.
 *
 * Invariant: the server was asked for no more calls than are wanted, but for those of a question that it may have lost.
 */
export class Pulls {
  readonly #ends: PullEnds;
  #subscription: NatsSubscription | undefined;
  #wanted = 0;
  #asked = 0;
  #heardAt = 0;
  #isReady = false;

  /** The last call that was in the queue when the server was found, or found again. */
  #oldest = Infinity;
  #isFinding = false;
  #isOver = false;
  #silence: Later | undefined;

  constructor(ends: PullEnds) {
    this.#ends = ends;
  }

  /**
   * Whether the call with this number was put into the queue while the server was there without a break: only then does the
   * server know for sure how often it was delivered.
   */
  isFresh(sequence: number): boolean {
    return sequence > this.#oldest;
  }

  /** Makes the queue, if it is not there, and begins to listen. */
  async open(): Promise<void> {
    const { connection, names, id, hash } = this.#ends;
    const { connection: client } = await connection.open();
    this.#subscription = client.subscribe(names.pulled(hash, id), {
      callback: (error, message) => {
        if (error) this.#ends.trouble(error);
        else this.#hear(message);
      },
    });
    await this.#makeWithin(connection.timeout);
    this.#isReady = true;
    this.#watch();
    this.#ask();
  }

  /** So many calls may come; this is all that are wanted, those included that were asked for. */
  want(count: number): void {
    this.#wanted = count;
    this.#ask();
  }

  /** The server is there again, and has forgotten what it was asked. */
  back(): void {
    this.#asked = 0;
    void this.#find();
  }

  /** No more calls come; those that are on their way are there. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#silence?.cancel();
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (this.#ends.connection.upSince === undefined) subscription?.unsubscribe();
    else await subscription?.drain().catch(() => undefined);
  }

  /** A server that has just been started may not be able to yet. */
  async #makeWithin(timeout: number): Promise<void> {
    for (const end = now() + timeout; ;) {
      try {
        // One try after the other.
        // oxlint-disable-next-line no-await-in-loop
        return await this.#make();
      } catch (error) {
        if (!isPassing(error) || now() > end) throw error;
      }
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => after(breath, resolve).hold());
    }
  }

  async #make(): Promise<void> {
    const { connection, names, hash, ackWait, stream } = this.#ends;
    const { manager } = await connection.open();
    try {
      await manager.streams.add(streamConfig(names, hash, stream));
    } catch (error) {
      // Somebody has made it with other settings.
      if (!/already in use/.test((error as Error).message)) throw error;
    }
    await manager.consumers.add(names.stream(hash), {
      durable_name: names.consumer,
      filter_subject: names.subject(hash),
      ack_policy: 'explicit',
      ack_wait: ackWait * 1e6,
      max_deliver: mostDeliveries,
      max_ack_pending: 100_000,
      max_waiting: 4096,
    });
    const { state } = await manager.streams.info(names.stream(hash));
    this.#oldest = state.last_seq;
  }

  #hear(message: NatsMessage): void {
    this.#heardAt = now();
    if (message.reply !== undefined && message.reply !== '') {
      this.#asked = Math.max(0, this.#asked - 1);
      return this.#ends.take(message);
    }
    const { code, description = '' } = message.headers ?? {};
    if (code === 100) return;
    this.#asked = Math.max(0, this.#asked - (Number(message.headers?.get('Nats-Pending-Messages')) || 1));
    // The time of the question is over.
    if (code === 408 || code === 404) return this.#ask();
    this.#asked = 0;
    if (code !== 503 && code !== 409) this.#ends.trouble(new Error(`The server refused: ${code} ${description}`));
    void this.#find();
  }

  /** The queue may have been deleted. */
  async #find(): Promise<void> {
    if (this.#isFinding || this.#isOver) return;
    this.#isFinding = true;
    this.#oldest = Infinity;
    await new Promise<void>((resolve) => void after(breath, resolve));
    try {
      if (!this.#isOver) await this.#make();
    } catch (error) {
      this.#ends.trouble(error);
      this.#isFinding = false;
      // It is looked for again, unless the server has gone away once more: then until it is back.
      if (!this.#isOver && this.#ends.connection.upSince !== undefined) void this.#find();
      return;
    }
    this.#isFinding = false;
    this.#asked = 0;
    this.#ask();
  }

  #ask(): void {
    const count = this.#wanted - this.#asked;
    const { connection, names, hash, id } = this.#ends;
    if (count <= 0 || !this.#isReady || this.#isOver || this.#isFinding || connection.upSince === undefined) return;
    this.#asked += count;
    const question = { batch: count, expires: pullTime * 1e6, idle_heartbeat: beatTime * 1e6 };
    connection.publish(names.next(hash), JSON.stringify(question), names.pulled(hash, id));
  }

  /** A server that says nothing for two beats may have lost the question. */
  #watch(): void {
    this.#silence = after(beatTime, () => {
      if (this.#isOver) return;
      if (this.#asked > 0 && now() - this.#heardAt >= 2 * beatTime) void this.#find();
      this.#watch();
    });
  }
}
