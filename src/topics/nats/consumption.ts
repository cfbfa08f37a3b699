/** One consumer of a topic over JetStream. @module */

import { after, now, setImmediate } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { ConsumeListener, Consumption, StartPosition } from '../transport.ts';
import { Acknowledged } from './acknowledged.ts';
import { Acks } from './acks.ts';
import type { NatsMessage, NatsSubscription } from './client-types.ts';
import { natsPackages, pause } from './connection.ts';
import type { Connection, ConnectionListener } from './connection.ts';
import type { Bound, ServerConsumer } from './consumers.ts';
import { deliveryOf, incomingOf, nakOf, statusOf, working } from './messages.ts';

/** How long the server keeps a question for messages, and how often it says that it is there, in milliseconds. */
const pullTime = 30_000;
const heartbeat = 5000;

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

/** A message that was delivered and not settled. */
interface Held {
  reply: string;
  readonly sequence: number;
}

/**
 * Asks the server for as many messages as it was asked for itself, and no more. While messages are held it tells the server
 * again and again that they are being worked on.
 *
 * Invariant: the server was asked for no more messages than `#wanted` says, but for those of a question that it may have lost.
 */
export class NatsConsumption implements Consumption, ConnectionListener {
  readonly ready: Promise<void>;
  readonly #plan: ConsumptionPlan;
  readonly #acks: Acks;
  readonly #release: () => void;
  readonly #held = new Map<number, Held>();

  /** The deliveries of what is held, by the positions of the messages. */
  readonly #bySequence = new Map<number, number>();

  /** The messages that were handed back in this turn. */
  #returned: Held[] = [];
  #isFlushing = false;
  #delivery = 0;
  readonly #acknowledged = new Acknowledged();

  /** How many messages were asked for here, and how many of them at the server. */
  #wanted = 0;
  #pulled = 0;
  #bound: Bound | undefined;
  #subscription: NatsSubscription | undefined;
  #inbox = '';
  #beat: Later | undefined;
  #silence: Later | undefined;
  #heardAt = 0;
  #isStopped = false;
  #isStopping = false;
  #isClosed = false;
  #isRebinding = false;

  /** The first message that may not have been dealt with, if the consumer has to be made again. */
  #next = 0;

  constructor(plan: ConsumptionPlan) {
    this.#plan = plan;
    this.#acks = new Acks(plan.connection, plan.commitInterval);
    this.#release = plan.connection.use(this);
    this.ready = this.#begin();
  }

  request(count: number): void {
    this.#wanted += count;
    this.#pull();
  }

  ack(delivery: number): Promise<void> | undefined {
    const held = this.#letGo(delivery);
    if (!held) return undefined;
    this.#acknowledged.add(held.sequence);
    return this.#acks.add(held.reply);
  }

  nack(delivery: number, delay: number): void {
    const held = this.#letGo(delivery);
    if (!held) return;
    if (delay > 0) return this.#nak(held, delay);
    this.#returned.push(held);
    // Messages of one turn, as when a stream ends, are handed back in order.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      // It goes with what was not taken, once the server sends no more.
      if (!this.#isStopping) this.#flushReturned();
    });
  }

  async seek(start: StartPosition): Promise<void> {
    await this.ready;
    await this.#drain();
    this.#held.clear();
    this.#bySequence.clear();
    this.#acknowledged.clear();
    this.#returned = [];
    this.#plan.listener.restarted();
    const { consumer, timeout } = this.#plan;
    await consumer.delete();
    this.#bound = await consumer.bind(start, now() + timeout, () => this.#isClosed);
    this.#subscribe();
    this.#pull();
  }

  async stop(untaken: readonly number[]): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#isStopping = true;
    await settled(() => this.ready);
    const before = this.#delivery;
    await this.#drain();
    const late = Array.from({ length: this.#delivery - before }, (_, i) => before + i);
    for (const delivery of [...untaken, ...late]) {
      const held = this.#letGo(delivery);
      if (held) this.#returned.push(held);
    }
    this.#isStopping = false;
    this.#flushReturned();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.stop([]);
    this.#isClosed = true;
    for (const delivery of this.#held.keys()) this.#returned.push(this.#letGo(delivery) as Held);
    this.#flushReturned();
    this.#stopTimers();
    const { connection, consumer } = this.#plan;
    try {
      const closed = new OffloopError('ERR_OFFLOOP_CLOSED', 'The consumer ended before the broker had confirmed it');
      if (!connection.isUp) this.#acks.close(closed);
      await this.#acks.settle();
      if (!consumer.isGroup && connection.isUp) await settled(async () => consumer.delete());
      else if (connection.isUp) await settled(async () => (await connection.open()).connection.flush());
      this.#acks.close(closed);
    } finally {
      this.#release();
    }
  }

  lost(): void {
    this.#acks.lost();
    this.#pulled = 0;
    if (this.#isClosed) return;
    this.#plan.listener.connected(false);
    this.#plan.listener.trouble(new OffloopError('ERR_OFFLOOP_BROKER', 'The connection to NATS was lost'));
  }

  back(): void {
    if (this.#isClosed) return;
    this.#plan.listener.connected(true);
    void this.#bindAgain();
  }

  #letGo(delivery: number): Held | undefined {
    const held = this.#held.get(delivery);
    if (!held) return undefined;
    this.#held.delete(delivery);
    this.#bySequence.delete(held.sequence);
    return held;
  }

  async #begin(): Promise<void> {
    const { consumer, start, timeout } = this.#plan;
    try {
      this.#bound = await consumer.bind(start, now() + timeout, () => this.#isClosed);
      this.#next = this.#bound?.next ?? 0;
      if (this.#isStopped) return;
      this.#subscribe();
      this.#keepWorking();
      this.#watchSilence();
      this.#pull();
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** The server may have lost everything but its store. */
  async #bindAgain(): Promise<void> {
    if (this.#isRebinding || !this.#bound || this.#isStopped) return;
    this.#isRebinding = true;
    try {
      const { consumer, timeout } = this.#plan;
      const isOver = (): boolean => this.#isStopped;
      // One that nobody shares is made again where it was.
      const start = consumer.isGroup ? undefined : ({ at: 'position', position: this.#restart() } as const);
      let bound = await consumer.bind(start, now() + timeout, isOver);
      for (let tries = 0; !bound && !isOver() && tries < 10; tries += 1) {
        await pause(200);
        bound = await consumer.bind(start, now() + timeout, isOver);
      }
      if (isOver()) return;
      if (!bound) throw new OffloopError('ERR_OFFLOOP_BROKER', 'The consumer was deleted at the server');
      this.#bound = bound;
      this.#pulled = 0;
      this.#pull();
    } catch (error) {
      if (error instanceof OffloopError && /deleted/.test(error.message)) this.#plan.listener.failed(error);
      else {
        this.#plan.listener.trouble(error);
        after(1000, () => void this.#bindAgain());
      }
    } finally {
      this.#isRebinding = false;
    }
  }

  #restart(): number {
    const held = [...this.#held.values()].map(({ sequence }) => sequence);
    return Math.min(this.#next, ...held);
  }

  #subscribe(): void {
    if (!this.#bound) return;
    this.#inbox = natsPackages().createInbox();
    void this.#open();
  }

  async #open(): Promise<void> {
    const { connection } = await this.#plan.connection.open();
    const inbox = this.#inbox;
    this.#subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (error) this.#plan.listener.failed(brokerError('Cannot consume', error));
        else if (inbox === this.#inbox) this.#hear(message);
      },
    });
    this.#pulled = 0;
    this.#pull();
  }

  /** No more messages come after this; those that are on their way are there. */
  async #drain(): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (!subscription) return;
    if (!this.#plan.connection.isUp) return subscription.unsubscribe();
    await settled(async () => {
      await subscription.drain();
      // The server gives the next message that is handed back to a question that nobody listens to any more, and to nobody then,
      // unless it has looked at its questions.
      await this.#plan.consumer.look();
    });
  }

  #hear(message: NatsMessage): void {
    this.#heardAt = now();
    if (message.reply === undefined || message.reply === '') return this.#hearStatus(message);
    const { reply } = message;
    const told = deliveryOf(reply);
    const { sequence } = told;
    if (this.#pulled > 0) this.#pulled -= 1;
    // One that was on hold for too long, or that the server does not remember to have delivered.
    const held = this.#held.get(this.#bySequence.get(sequence) ?? -1);
    if (held) {
      held.reply = reply;
      return this.#pull();
    }
    if (this.#acknowledged.has(sequence)) {
      void settled(async () => this.#acks.add(reply));
      return this.#pull();
    }
    const delivery = this.#delivery++;
    this.#held.set(delivery, { reply, sequence });
    this.#bySequence.set(sequence, delivery);
    this.#next = Math.max(this.#next, sequence + 1);
    this.#wanted -= 1;
    if (!this.#isStopped) this.#plan.listener.deliver([incomingOf(message, delivery, told)]);
  }

  #hearStatus(message: NatsMessage): void {
    const { status, left } = statusOf(message);
    if (status === 'beat') return;
    this.#pulled = Math.max(0, this.#pulled - left);
    if (status === 'over') return this.#pull();
    if (status === 'gone' || status === 'later') return void this.#bindAgain();
    const { code, description } = message.headers ?? {};
    this.#plan.listener.failed(new OffloopError('ERR_OFFLOOP_BROKER', `The server refused: ${code} ${description}`));
  }

  #pull(): void {
    const missing = this.#wanted - this.#pulled;
    const { connection } = this.#plan;
    if (missing <= 0 || !this.#bound || !this.#subscription || this.#isStopped || !connection.isUp) return;
    this.#pulled += missing;
    void this.#ask(missing, this.#bound, this.#inbox);
  }

  async #ask(batch: number, { stream, name }: Bound, inbox: string): Promise<void> {
    const failure = await settled(async () => {
      const { connection } = await this.#plan.connection.open();
      const question = { batch, expires: pullTime * 1e6, idle_heartbeat: heartbeat * 1e6 };
      connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, JSON.stringify(question), { reply: inbox });
    });
    if (failure) this.#pulled = 0;
  }

  /** A server that says nothing for two beats may have lost the question. */
  #watchSilence(): void {
    this.#silence = after(heartbeat, () => {
      if (this.#isStopped) return;
      if (this.#pulled > 0 && now() - this.#heardAt >= 2 * heartbeat) void this.#bindAgain();
      this.#watchSilence();
    });
  }

  /** Tells the server of all that is held that it is being worked on. */
  #keepWorking(): void {
    const every = Math.max(50, (this.#bound?.ackWait ?? 30_000) / 3);
    const tell = (): void => {
      this.#beat = after(every, tell);
      if (this.#held.size > 0 && this.#plan.connection.isUp) void this.#tellWorking();
    };
    this.#beat = after(every, tell);
  }

  async #tellWorking(): Promise<void> {
    await settled(async () => {
      const { connection } = await this.#plan.connection.open();
      for (const { reply } of this.#held.values()) connection.publish(reply, working);
    });
  }

  #flushReturned(): void {
    this.#isFlushing = false;
    const returned = this.#returned.toSorted((a, b) => a.sequence - b.sequence);
    this.#returned = [];
    for (const held of returned) this.#nak(held, 0);
  }

  #nak({ reply }: Held, delay: number): void {
    void settled(async () => {
      const { connection } = await this.#plan.connection.open();
      connection.publish(reply, nakOf(delay));
    });
  }

  #stopTimers(): void {
    this.#beat?.cancel();
    this.#silence?.cancel();
  }
}
