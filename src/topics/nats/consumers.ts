/** The consumers of JetStream that groups are. @module */

import { randomUUID } from 'node:crypto';
import { dateAt } from '../../base/intrinsics.ts';
import { now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { brokerError } from '../broker-error.ts';
import type { ConsumeWish, IncomingMessage, StartPosition } from '../transport.ts';
import type { NatsConsumerConfig, NatsConsumerInfo } from './client-types.ts';
import type { Connection } from './connection.ts';
import { storedOf } from './messages.ts';
import { askTime, pause } from './patience.ts';
import { isMissing, isUnanswered } from './streams.ts';
import type { Streams } from './streams.ts';

/** Nanoseconds of milliseconds. */
const nanos = (time: number): number => Math.round(time * 1e6);

/** How long the consumer of one without a group stays when nobody asks it, in milliseconds. */
const forgottenAfter = 300_000;

/** How a consumer of the server is called, and how it is made. */
export interface ConsumerPlan {
  readonly wish: ConsumeWish;
  readonly ackWait: number;

  /** More of the server's own options. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A consumer as the server has it. */
export interface Bound {
  readonly stream: string;
  readonly name: string;

  /** How long a message may take, in milliseconds. */
  readonly ackWait: number;

  /** How often the server delivers a message; `Infinity` unless somebody else has made the consumer. */
  readonly maxDeliver: number;

  /** How many messages it may be asked for at once, and for how long, in milliseconds; `Infinity` without a limit. */
  readonly maxBatch: number;
  readonly maxExpires: number;

  /** The position of the message that comes next. */
  readonly next: number;

  /** When it was made, in milliseconds since the epoch: one that was deleted and made again is another one. */
  readonly created: number;
}

/** One consumer of the server: made, found again, deleted. */
export class ServerConsumer {
  readonly #connection: Connection;
  readonly #streams: Streams;
  readonly #plan: ConsumerPlan;
  readonly #name: string;

  constructor(connection: Connection, streams: Streams, plan: ConsumerPlan) {
    this.#connection = connection;
    this.#streams = streams;
    this.#plan = plan;
    this.#name = plan.wish.group ?? `offloop-${randomUUID()}`;
  }

  get isGroup(): boolean {
    return this.#plan.wish.group !== undefined;
  }

  /**
   * Finds it, or makes it to begin at `start`; without that it has to be there. Asks until the server has answered, or
   * `deadline`, or `isOver`.
   */
  async bind(start: StartPosition | undefined, deadline: number, isOver: () => boolean): Promise<Bound | undefined> {
    const { topic } = this.#plan.wish;
    for (;;) {
      if (isOver()) return undefined;
      try {
        const stream = await this.#streams.nameOf(topic, deadline);
        return this.#checked(stream, await this.#findOrMake(stream, start));
      } catch (error) {
        if (error instanceof OffloopError && error.code !== 'ERR_OFFLOOP_TIMEOUT') throw error;
        if (isMissing(error) && !start) return undefined;
        if (/stream not found/i.test(String(error))) this.#streams.forget(topic);
        else if (!isUnanswered(error) && !(error instanceof OffloopError))
          throw brokerError(`Cannot consume the topic ${topic}`, error);
        if (now() >= deadline) throw brokerError(`Cannot consume the topic ${topic}`, error);
      }
      await pause(100);
    }
  }

  async #findOrMake(stream: string, start: StartPosition | undefined): Promise<NatsConsumerInfo> {
    const connection = this.#connection;
    try {
      return await connection.ask(async ({ manager }) => manager.consumers.info(stream, this.#name));
    } catch (error) {
      if (!isMissing(error) || !start) throw error;
      return connection.ask(async ({ manager }) => manager.consumers.add(stream, this.#configOf(start)));
    }
  }

  /** Has the server look at what it knows of the consumer. */
  async look(): Promise<void> {
    const stream = await this.#streams.nameOf(this.#plan.wish.topic, now() + askTime);
    await this.#connection.ask(async ({ manager }) => manager.consumers.info(stream, this.#name));
  }

  /** Deletes it; asks until the server has answered, or `deadline`. */
  async delete(deadline: number): Promise<void> {
    for (;;) {
      try {
        const stream = await this.#streams.nameOf(this.#plan.wish.topic, deadline);
        await this.#connection.ask(async ({ manager }) => manager.consumers.delete(stream, this.#name));
        return;
      } catch (error) {
        if (isMissing(error)) return;
        if (error instanceof OffloopError || !isUnanswered(error) || now() >= deadline) throw error;
      }
      await pause(100);
    }
  }

  /** Reads the message at `sequence` from its stream, where it may not be any more. */
  async read(sequence: number, attempt: number): Promise<IncomingMessage | undefined> {
    const stream = await this.#streams.nameOf(this.#plan.wish.topic, now() + askTime);
    const stored = await this.#connection.ask(async ({ manager }) =>
      manager.streams.getMessage(stream, { seq: sequence }),
    );
    return stored ? storedOf(stored, attempt) : undefined;
  }

  #configOf(start: StartPosition): NatsConsumerConfig {
    const { wish, ackWait, config } = this.#plan;
    return {
      durable_name: this.#name,
      filter_subject: wish.topic,
      ack_policy: 'explicit',
      ack_wait: nanos(ackWait),
      // The topic counts by itself: the server would fall silent.
      max_deliver: -1,
      max_ack_pending: -1,
      ...(wish.group === undefined ? { inactive_threshold: nanos(forgottenAfter) } : {}),
      ...config,
      ...deliverFrom(start),
    };
  }

  #checked(stream: string, { config, name, created, delivered }: NatsConsumerInfo): Bound {
    const { topic } = this.#plan.wish;
    if (config.deliver_subject !== undefined || config.ack_policy !== 'explicit')
      throw new OffloopError(
        'ERR_OFFLOOP_BROKER',
        `Cannot consume the topic ${topic}: the consumer ${name} of the server is not one that is pulled and acknowledges each message`,
      );
    const { ack_wait = nanos(30_000), max_deliver = -1, max_batch = 0, max_expires = 0 } = config;
    return {
      stream,
      name,
      ackWait: ack_wait / 1e6,
      maxDeliver: max_deliver > 0 ? max_deliver : Infinity,
      maxBatch: max_batch > 0 ? max_batch : Infinity,
      maxExpires: max_expires > 0 ? max_expires / 1e6 : Infinity,
      next: delivered.stream_seq + 1,
      created: timeOf(created),
    };
  }
}

function deliverFrom(
  start: StartPosition,
): Pick<NatsConsumerConfig, 'deliver_policy' | 'opt_start_seq' | 'opt_start_time'> {
  switch (start.at) {
    case 'first':
      return { deliver_policy: 'all' };
    case 'last':
      return { deliver_policy: 'last' };
    case 'position':
      return { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, start.position) };
    case 'time':
      return { deliver_policy: 'by_start_time', opt_start_time: dateAt(start.time).toISOString() };
    default:
      return { deliver_policy: 'new' };
  }
}

function timeOf(text: string): number {
  return (dateAt(0).constructor as DateConstructor).parse(text);
}
