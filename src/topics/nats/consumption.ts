/** One consumer of a topic over JetStream. @module */

import { after, now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { settled } from '../../streams/run/scope.ts';
import type { ConsumeListener, Consumption, StartPosition } from '../transport.ts';
import { Acknowledged } from './acknowledged.ts';
import { Acks } from './acks.ts';
import { Advisories } from './advisories.ts';
import { Binding } from './binding.ts';
import type { NatsMessage } from '../../nats/client-types.ts';
import type { Connection, ConnectionListener } from './connection.ts';
import type { Bound } from './consumer-config.ts';
import type { ServerConsumer } from './consumers.ts';
import { HeldMessages } from './held.ts';
import { deliveryOf, incomingOf } from './messages.ts';
import { within } from '../../base/pause.ts';
import { askTime, closeTime } from './patience.ts';
import { Pulls } from './pulls.ts';
import { Returns } from './returns.ts';
import { Working } from './working.ts';

/** The parts of a consumption. */
export interface ConsumptionPlan {
  readonly connection: Connection;
  readonly consumer: ServerConsumer;
  readonly start: StartPosition;
  readonly commitInterval: number;
  readonly listener: ConsumeListener;

  /** How long the server may take before it is given up at the beginning, in milliseconds. */
  readonly timeout: number;
}

/**
 * Gives what it was asked for, remembers what is in hand, and settles it.
 *
 * Invariant: a message that is in hand, or was acknowledged of late, is not given again.
 */
export class NatsConsumption implements Consumption, ConnectionListener {
  readonly ready: Promise<void>;
  readonly #plan: ConsumptionPlan;
  readonly #release: () => void;
  readonly #held = new HeldMessages();
  readonly #acknowledged = new Acknowledged();
  readonly #acks: Acks;
  readonly #returns: Returns;
  readonly #pulls: Pulls;
  readonly #advisories: Advisories;
  readonly #binding: Binding;
  readonly #working: Working;
  #stopping: Promise<void> | undefined;
  #hasBegun = false;
  #isClosed = false;

  /** The first message that was never delivered. */
  #next = 0;
  #maxDeliver = Infinity;

  constructor(plan: ConsumptionPlan) {
    const { connection, commitInterval } = plan;
    this.#plan = plan;
    this.#acks = new Acks(connection, commitInterval);
    this.#returns = new Returns(connection);
    this.#working = new Working(connection, this.#held);
    this.#pulls = new Pulls(connection, {
      message: (message) => this.#hear(message),
      doubtful: (why) => this.#binding.doubt(why),
      failed: (error) => this.#fail(error),
    });
    this.#advisories = new Advisories(connection, {
      deleted: () => this.#binding.doubt('gone'),
      givenUp: (sequence, attempt) => void this.#givenUp(sequence, attempt),
    });
    this.#binding = new Binding(plan, {
      bound: (bound) => this.#bound(bound),
      failed: (error) => this.#fail(error),
      replaced: () => this.#restart(),
      position: () => this.#held.first(this.#next),
    });
    this.#release = connection.use(this);
    this.ready = this.#begin();
  }

  request(count: number): void {
    this.#pulls.want(count);
  }

  ack(delivery: number): Promise<void> | undefined {
    const held = this.#held.take(delivery);
    if (!held) return undefined;
    this.#acknowledged.add(held.sequence);
    return this.#acks.add(held.reply);
  }

  nack(delivery: number, delay: number): void {
    const held = this.#held.take(delivery);
    if (held) this.#returns.add(held, delay);
  }

  async seek(start: StartPosition): Promise<void> {
    await this.ready;
    await this.#drain();
    this.#restart();
    try {
      await this.#binding.replace(start);
    } finally {
      if (!this.#stopping) await this.#pulls.open();
    }
  }

  stop(untaken: readonly number[]): Promise<void> {
    return (this.#stopping ??= this.#stop(untaken));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.stop([]);
    this.#isClosed = true;
    for (const held of this.#held.clear()) this.#returns.add(held, 0);
    this.#returns.flush();
    this.#working.end();
    const { connection, consumer } = this.#plan;
    try {
      const closed = new OffloopError('ERR_OFFLOOP_CLOSED', 'The consumer ended before the broker had confirmed it');
      const isThere = connection.isUp && (await within(closeTime, this.#acks.settle()));
      this.#acks.reject(closed);
      if (!isThere || !connection.isUp) return;
      if (!consumer.isGroup) await settled(async () => consumer.delete(now() + askTime));
      else
        await within(
          askTime,
          connection.ask(async (link) => link.connection.flush()),
        );
    } finally {
      this.#release();
    }
  }

  lost(): void {
    this.#pulls.bind(undefined);
    if (this.#isClosed) return;
    this.#plan.listener.connected(false);
    this.#plan.listener.trouble(new OffloopError('ERR_OFFLOOP_BROKER', 'The connection to NATS was lost'));
  }

  /** The server may have lost everything but its store. */
  back(): void {
    if (this.#isClosed) return;
    this.#plan.listener.connected(true);
    this.#binding.doubt('later');
  }

  ended(): void {
    if (this.#isClosed) return;
    this.#plan.listener.connected(false);
    void this.#beginAnew();
  }

  async #begin(): Promise<void> {
    try {
      const bound = await this.#binding.begin();
      this.#next = bound?.next ?? 0;
      const { consumer } = this.#plan;
      if (this.#stopping) return bound && !consumer.isGroup ? await consumer.delete(now() + askTime) : undefined;
      this.#hasBegun = true;
      await this.#pulls.open();
      this.#working.begin(bound?.ackWait);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Over another connection. */
  async #beginAnew(): Promise<void> {
    const { listener, connection } = this.#plan;
    const failure = await settled(async () => {
      await connection.open();
      await this.#pulls.open();
      listener.connected(true);
      this.#binding.doubt('later');
    });
    if (failure) this.#fail(failure.error);
  }

  async #stop(untaken: readonly number[]): Promise<void> {
    this.#binding.end();
    this.#returns.keep();
    // What has not begun does not begin any more.
    if (!this.#hasBegun) return this.#advisories.close();
    // What comes meanwhile is handed back with what was not taken.
    await this.#drain();
    this.#advisories.close();
    for (const delivery of untaken) this.nack(delivery, 0);
    this.#returns.flush();
  }

  #drain(): Promise<void> {
    return this.#pulls.drain(async () => this.#plan.consumer.look());
  }

  #bound(bound: Bound): void {
    this.#maxDeliver = bound.maxDeliver;
    void settled(async () => this.#advisories.open(bound));
    this.#pulls.bind(bound);
  }

  /** Acknowledgements reject too: those who wait for one would never see that nothing more comes. */
  #fail(error: unknown): void {
    this.#acks.fail(error);
    this.#plan.listener.failed(error);
  }

  /** What is in hand was delivered by a consumer of the server that is no more. */
  #restart(): void {
    this.#held.clear();
    this.#returns.clear();
    this.#acks.reject(new OffloopError('ERR_OFFLOOP_CLOSED', 'The group has gone to another position meanwhile'));
    this.#acknowledged.clear();
    this.#plan.listener.restarted();
  }

  #hear(message: NatsMessage): void {
    const { reply = '' } = message;
    const told = deliveryOf(reply);
    // Somebody else has sent it.
    if (!told) return;
    const { sequence, attempt } = told;
    // One that was on hold for too long, or that the server does not remember to have delivered.
    const held = this.#held.at(sequence);
    if (held) {
      held.reply = reply;
      return this.#pulls.ask();
    }
    if (this.#acknowledged.has(sequence)) {
      void settled(async () => this.#acks.add(reply));
      return this.#pulls.ask();
    }
    this.#next = Math.max(this.#next, sequence + 1);
    this.#pulls.given();
    const incoming = incomingOf(message, this.#held.add({ reply, sequence }), told);
    this.#plan.listener.deliver([attempt >= this.#maxDeliver ? { ...incoming, isLast: true } : incoming]);
  }

  async #givenUp(sequence: number, attempt: number): Promise<void> {
    const { listener, consumer } = this.#plan;
    const failure = await settled(async () => {
      const message = await consumer.read(sequence, attempt);
      if (message && !this.#stopping) listener.undelivered(message);
    });
    if (failure && !this.#stopping) after(1000, () => void this.#givenUp(sequence, attempt));
  }
}
