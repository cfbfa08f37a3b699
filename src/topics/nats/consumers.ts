/** The consumers of JetStream that groups are. @module */

import { randomUUID } from 'node:crypto';
import { now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { brokerError } from '../broker-error.ts';
import type { IncomingMessage, StartPosition } from '../transport.ts';
import type { NatsConsumerInfo } from './client-types.ts';
import type { Connection } from './connection.ts';
import { boundOf, configOf } from './consumer-config.ts';
import type { Bound, ConsumerPlan } from './consumer-config.ts';
import { storedOf } from './messages.ts';
import { pause } from '../../base/pause.ts';
import { askTime } from './patience.ts';
import { isMissing, isUnanswered } from './streams.ts';
import type { Streams } from './streams.ts';

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
        return boundOf(topic, stream, await this.#findOrMake(stream, start));
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
      return this.#make(stream, start);
    }
  }

  async #make(stream: string, start: StartPosition): Promise<NatsConsumerInfo> {
    const connection = this.#connection;
    try {
      return await connection.ask(async ({ manager }) =>
        manager.consumers.add(stream, configOf(this.#name, this.#plan, start)),
      );
    } catch (error) {
      if (isUnanswered(error)) throw error;
      // Another one of the group, which begins elsewhere, may have been quicker.
      const found = connection.ask(async ({ manager }) => manager.consumers.info(stream, this.#name));
      const made = await found.catch(() => undefined);
      if (!made) throw error;
      return made;
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
}
