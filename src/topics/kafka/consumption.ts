/** One consumer of a topic over Kafka. @module */

import { randomUUID } from 'node:crypto';
import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { ConsumeListener, ConsumeWish, Consumption, StartPosition } from '../transport.ts';
import { Assignment } from './assignment.ts';
import type { KafkaBatch, KafkaClient, KafkaConsumer } from './client-types.ts';
import { Commits } from './commits.ts';
import { incomingOf } from './incoming.ts';
import { positionsOf } from './offsets.ts';
import { within } from '../../base/pause.ts';
import { Membership } from './membership.ts';
import type { Member } from './membership.ts';
import type { Flight, Part } from './part.ts';
import { closeTime } from './patience.ts';

/** At how many messages that wait a partition is not asked for more, and asked again. */
const most = 1024;
const few = 256;

/** The parts of a consumption. */
export interface KafkaConsumptionPlan {
  readonly client: KafkaClient;

  /** Options of the client's consumer. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly wish: ConsumeWish;
  readonly listener: ConsumeListener;

  /** How long to look for the cluster at the beginning, in milliseconds. */
  readonly timeout: number;
}

/**
 * Keeps what the client brings until it is asked for, and commits, one commit after the other, how far all was dealt with. The
 * client's own loop tells the broker that it lives, however long messages are kept.
 *
 * Invariant: what is committed was acknowledged without a gap.
 */
export class KafkaConsumption implements Consumption, Member {
  readonly ready: Promise<void>;
  readonly #plan: KafkaConsumptionPlan;
  readonly #wish: ConsumeWish;
  readonly #listener: ConsumeListener;
  readonly #consumer: KafkaConsumer;
  readonly #membership: Membership;
  readonly #assignment: Assignment;
  readonly #commits: Commits;
  readonly #flights = new Map<number, Flight>();
  readonly #delays = new Set<Later>();
  #delivery = 0;
  #wanted = 0;
  #isStopped = false;
  #closing: Promise<void> | undefined;

  constructor(plan: KafkaConsumptionPlan) {
    const { client, options, wish, listener } = plan;
    this.#plan = plan;
    this.#wish = wish;
    this.#listener = listener;
    // All members of a group of Kafka take the same topics, so each topic has groups of its own.
    const own = wish.group === undefined ? `offloop-${randomUUID()}` : `${wish.topic}.${wish.group}`;
    const { groupId: given = own } = options;
    const groupId = String(given);
    const membership = (this.#membership = new Membership(client, { ...options, groupId }, this));
    const consumer = (this.#consumer = membership.consumer);
    const isOver = (): boolean => this.#isStopped;
    this.#assignment = new Assignment({ client, consumer, groupId, wish, listener, isOver });
    this.#commits = new Commits(consumer, wish, listener);
    this.ready = membership.begin(wish, {
      prepare: async () => this.#assignment.begin(),
      time: plan.timeout,
      isOver,
    });
  }

  request(count: number): void {
    this.#wanted += count;
    this.#pump();
  }

  /** One beyond a gap is noted only: it is committed with the messages before it. */
  ack(delivery: number): Promise<void> | undefined {
    const flight = this.#flights.get(delivery);
    if (!flight) return undefined;
    this.#flights.delete(delivery);
    const { part, number } = flight;
    return part.run.ack(number) || part.isLost ? this.#commits.add(part, delivery) : undefined;
  }

  nack(delivery: number, delay: number): void {
    const flight = this.#flights.get(delivery);
    if (!flight) return;
    this.#flights.delete(delivery);
    if (delay <= 0) return this.#back(flight);
    const later = after(delay, () => {
      this.#delays.delete(later);
      later.letGo();
      this.#back(flight);
    });
    later.hold();
    this.#delays.add(later);
  }

  async seek(start: StartPosition): Promise<void> {
    await this.ready;
    const { topic } = this.#wish;
    let positions: ReadonlyMap<number, number> = new Map();
    try {
      positions = await positionsOf(this.#plan.client, topic, start);
    } catch (error) {
      throw brokerError(`Cannot ask for the positions of the topic ${topic}`, error);
    }
    this.#forget();
    this.#assignment.seek(positions);
    this.#listener.restarted();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#commits.hurry();
    await within(closeTime, this.ready);
    await settled(() => this.#consumer.pause([{ topic: this.#wish.topic }]));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.stop();
    this.#forget();
    await this.#commits.close();
    await within(closeTime, this.#membership.end());
  }

  joined(partitions: readonly number[]): void {
    this.#assignment.joined(partitions);
    const inHand = [...this.#flights].filter(([, { part }]) => part.isLost).map(([delivery]) => delivery);
    const gone = [...inHand, ...this.#commits.lost()];
    if (gone.length > 0) this.#listener.gone(gone);
    this.#listener.connected(true);
  }

  lost(error: unknown): void {
    this.#listener.connected(false);
    this.#listener.trouble(error);
  }

  failed(error: unknown): void {
    this.#commits.fail(error);
    this.#listener.failed(error);
  }

  async take({ batch: { partition, messages }, resolveOffset, isStale }: KafkaBatch): Promise<void> {
    const last = messages.at(-1);
    if (!last || isStale()) return;
    // It has joined its group once more since.
    if (this.#isStopped) return void (await settled(() => this.#consumer.pause([{ topic: this.#wish.topic }])));
    const part = this.#assignment.partOf(partition, messages);
    if (!part) return;
    part.add(messages);
    resolveOffset(last.offset);
    if (part.size >= most && !part.isPaused) this.#assignment.pause(part);
    this.#pump();
  }

  #pump(): void {
    while (this.#wanted > 0 && !this.#isStopped) {
      const part = this.#oldest();
      const flight = part?.take();
      if (!part || !flight) return;
      if (part.isPaused && part.size <= few) this.#assignment.resume(part);
      this.#wanted -= 1;
      const delivery = this.#delivery++;
      this.#flights.set(delivery, flight);
      this.#listener.deliver([incomingOf(flight, delivery)]);
    }
  }

  #oldest(): Part | undefined {
    let best: { part: Part; time: number } | undefined;
    for (const part of this.#assignment.parts) {
      const message = part.peek();
      if (!message) continue;
      const time = Number(message.timestamp);
      if (!best || time < best.time) best = { part, time };
    }
    return best?.part;
  }

  #back(flight: Flight): void {
    flight.part.back(flight);
    this.#pump();
  }

  #forget(): void {
    for (const later of this.#delays) {
      later.letGo();
      later.cancel();
    }
    this.#delays.clear();
    this.#flights.clear();
  }
}
