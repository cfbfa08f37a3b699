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
import { pause } from '../pause.ts';
import { insist, isPassing } from './patience.ts';
import type { Flight, Part } from './part.ts';

/** At how many messages that wait a partition is not asked for more, and asked again. */
const most = 1024;
const few = 256;

/** How long to wait before a client that has given up begins anew, in milliseconds. */
const breath = 250;

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
export class KafkaConsumption implements Consumption {
  readonly ready: Promise<void>;
  readonly #plan: KafkaConsumptionPlan;
  readonly #wish: ConsumeWish;
  readonly #listener: ConsumeListener;
  readonly #consumer: KafkaConsumer;
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
    const { groupId = own } = options;
    const consumer = (this.#consumer = client.consumer({ ...options, groupId: String(groupId) }));
    this.#assignment = new Assignment({ client, consumer, groupId: String(groupId), wish, listener });
    this.#commits = new Commits(consumer, wish, listener);
    this.ready = this.#begin();
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
    return part.run.ack(number) || part.isLost ? this.#commits.add(part) : undefined;
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
    const positions = await positionsOf(this.#plan.client, topic, start);
    this.#forget();
    this.#assignment.seek(positions);
    this.#listener.restarted();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#commits.hurry();
    const failure = await settled(() => this.ready);
    if (!failure) await settled(() => this.#consumer.pause([{ topic: this.#wish.topic }]));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.stop();
    this.#forget();
    await this.#commits.close();
    await this.#consumer.disconnect();
  }

  async #begin(): Promise<void> {
    const { topic, start } = this.#wish;
    try {
      const consumer = this.#consumer;
      const wished = { topics: [topic], fromBeginning: start.at !== 'new' };
      for (const step of [
        async () => this.#assignment.begin(),
        async () => consumer.connect(),
        async () => consumer.subscribe(wished),
      ])
        await insist(step, this.#plan.timeout, () => this.#isStopped);
      consumer.on('consumer.group_join', ({ payload }) => this.#joined(payload));
      consumer.on('consumer.crash', ({ payload }) => this.#crashed(payload));
      await this.#run();
    } catch (error) {
      await settled(async () => this.#consumer.disconnect());
      throw brokerError(`Cannot consume the topic ${topic}`, error);
    }
  }

  async #run(): Promise<void> {
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (batch) => this.#take(batch),
    });
  }

  /** The client has given up: it begins anew, however long the cluster is away. */
  async #runAgain(): Promise<void> {
    const failure = await settled(async () => {
      await pause(breath);
      await insist(
        async () => {
          if (this.#isStopped) return;
          await this.#consumer.connect();
          await this.#run();
        },
        Infinity,
        () => this.#isStopped,
      );
    });
    if (failure && !this.#isStopped) this.#listener.failed(failure.error);
  }

  /** The group has divided the partitions anew. */
  #joined({ memberAssignment }: Readonly<Record<string, unknown>>): void {
    const assigned = (memberAssignment as Record<string, readonly number[]> | undefined)?.[this.#wish.topic] ?? [];
    this.#assignment.joined(assigned);
    this.#listener.connected(true);
  }

  #crashed({ error, restart }: Readonly<Record<string, unknown>>): void {
    const failure = brokerError(`The consumer of the topic ${this.#wish.topic} has crashed`, error);
    const isOver = restart === false;
    if (isOver && !isPassing(error)) return this.#listener.failed(failure);
    this.#listener.connected(false);
    this.#listener.trouble(failure);
    if (isOver) void this.#runAgain();
  }

  async #take({ batch: { partition, messages }, resolveOffset, isStale }: KafkaBatch): Promise<void> {
    const last = messages.at(-1);
    if (!last || isStale()) return;
    const part = this.#assignment.partOf(partition, messages);
    if (!part) return;
    part.add(messages);
    resolveOffset(last.offset);
    if (part.size >= most && !part.isPaused) {
      part.isPaused = true;
      this.#consumer.pause([{ topic: this.#wish.topic, partitions: [partition] }]);
    }
    this.#pump();
  }

  #pump(): void {
    while (this.#wanted > 0 && !this.#isStopped) {
      const part = this.#oldest();
      const flight = part?.take();
      if (!part || !flight) return;
      if (part.isPaused && part.size <= few) {
        part.isPaused = false;
        this.#consumer.resume([{ topic: this.#wish.topic, partitions: [part.partition] }]);
      }
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
