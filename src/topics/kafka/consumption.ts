/** One consumer of a topic over Kafka. @module */

import { randomUUID } from 'node:crypto';
import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { ConsumeListener, ConsumeWish, Consumption, IncomingMessage, StartPosition } from '../transport.ts';
import type { KafkaBatch, KafkaClient, KafkaConsumer } from './client-types.ts';
import { committedOf, positionsOf } from './offsets.ts';
import { Part } from './part.ts';
import type { Flight } from './part.ts';

/** At how many messages that wait a partition is not asked for more, and asked again. */
const most = 1024;
const few = 256;

/**
 * Keeps what the client brings until it is asked for, and commits, one commit after the other, how far all was dealt with. The
 * client's own loop tells the broker that it lives, however long messages are kept.
 *
 * Invariant: what is committed was acknowledged without a gap.
 */
export class KafkaConsumption implements Consumption {
  readonly ready: Promise<void>;
  readonly #client: KafkaClient;
  readonly #wish: ConsumeWish;
  readonly #listener: ConsumeListener;
  readonly #groupId: string;
  readonly #consumer: KafkaConsumer;
  #parts = new Map<number, Part>();
  readonly #flights = new Map<number, Flight>();
  readonly #delays = new Set<Later>();
  #delivery = 0;
  #wanted = 0;
  #starts = new Map<number, number>();
  #committed = new Map<number, number>();
  #committing: Promise<void> | undefined;
  #isStopped = false;
  #isClosed = false;

  constructor(
    client: KafkaClient,
    options: Readonly<Record<string, unknown>>,
    wish: ConsumeWish,
    listener: ConsumeListener,
  ) {
    this.#client = client;
    this.#wish = wish;
    this.#listener = listener;
    // All members of a group of Kafka take the same topics, so each topic has groups of its own.
    const own = wish.group === undefined ? `offloop-${randomUUID()}` : `${wish.topic}.${wish.group}`;
    const { groupId = own } = options;
    this.#groupId = String(groupId);
    this.#consumer = client.consumer({ ...options, groupId: this.#groupId });
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
    if (!part.run.ack(number)) return undefined;
    return (this.#committing ??= this.#commitSoon());
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
    const positions = await positionsOf(this.#client, topic, start);
    this.#forget();
    for (const [partition, position] of positions) {
      if (!this.#parts.has(partition)) continue;
      this.#parts.set(partition, new Part(partition, position));
      this.#consumer.resume([{ topic, partitions: [partition] }]);
      this.#consumer.seek({ topic, partition, offset: String(position) });
    }
    this.#listener.restarted();
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const failure = await settled(() => this.ready);
    if (!failure) await settled(() => this.#consumer.pause([{ topic: this.#wish.topic }]));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    await this.stop();
    this.#isClosed = true;
    this.#forget();
    await this.#committing;
    await this.#consumer.disconnect();
  }

  async #begin(): Promise<void> {
    const { topic, group, start } = this.#wish;
    try {
      this.#starts = await positionsOf(this.#client, topic, start);
      if (group !== undefined) this.#committed = await committedOf(this.#client, topic, this.#groupId);
      this.#consumer.on('consumer.group_join', ({ payload }) => this.#joined(payload));
      this.#consumer.on('consumer.crash', ({ payload }) => this.#crashed(payload));
      await this.#consumer.connect();
      await this.#consumer.subscribe({ topics: [topic], fromBeginning: start.at !== 'new' });
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (batch) => this.#take(batch),
      });
    } catch (error) {
      await settled(async () => this.#consumer.disconnect());
      throw brokerError(`Cannot consume the topic ${topic}`, error);
    }
  }

  /** The group has divided the partitions anew: those that were here before go on where they are. */
  #joined({ memberAssignment }: Readonly<Record<string, unknown>>): void {
    const { topic } = this.#wish;
    const assigned = (memberAssignment as Record<string, readonly number[]> | undefined)?.[topic] ?? [];
    const before = this.#parts;
    this.#parts = new Map();
    for (const partition of assigned) {
      const part = before.get(partition) ?? this.#newPart(partition);
      if (part) {
        this.#parts.set(partition, part);
        this.#consumer.seek({ topic, partition, offset: String(part.next) });
      }
      before.delete(partition);
    }
    for (const part of before.values()) part.isLost = true;
    this.#listener.connected(true);
  }

  /** One that has come from another consumer begins where the group has committed, which the client knows. */
  #newPart(partition: number): Part | undefined {
    const known = this.#committed.get(partition);
    this.#committed.delete(partition);
    const start = known ?? this.#starts.get(partition);
    this.#starts.delete(partition);
    return start === undefined ? undefined : new Part(partition, start);
  }

  #crashed({ error, restart }: Readonly<Record<string, unknown>>): void {
    const failure = brokerError(`The consumer of the topic ${this.#wish.topic} has crashed`, error);
    if (restart === false) return this.#listener.failed(failure);
    this.#listener.connected(false);
    this.#listener.trouble(failure);
  }

  async #take({ batch: { partition, messages }, resolveOffset, isStale }: KafkaBatch): Promise<void> {
    const last = messages.at(-1);
    if (!last || isStale()) return;
    let part = this.#parts.get(partition);
    if (!part) this.#parts.set(partition, (part = new Part(partition, Number(messages[0]?.offset))));
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
    for (const part of this.#parts.values()) {
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

  /** All that is acknowledged until then goes together. */
  async #commitSoon(): Promise<void> {
    const { commitInterval } = this.#wish;
    await new Promise<void>((resolve) => {
      if (commitInterval === 0 || this.#isStopped) return void Promise.resolve().then(resolve);
      const later = after(commitInterval, () => {
        later.letGo();
        resolve();
      });
      later.hold();
    });
    while (this.#hasProgress()) await this.#commit();
    this.#committing = undefined;
  }

  #hasProgress(): boolean {
    return [...this.#parts.values()].some(({ run, committed }) => run.position > committed);
  }

  async #commit(): Promise<void> {
    const { topic, group } = this.#wish;
    const parts = [...this.#parts.values()].filter(({ run, committed }) => run.position > committed);
    const positions = parts.map((part) => ({ part, position: part.run.position }));
    const offsets = positions.map(({ part: { partition }, position }) => ({
      topic,
      partition,
      offset: String(position),
    }));
    // One without a group has nobody to go on for.
    const failure = group === undefined ? undefined : await settled(async () => this.#consumer.commitOffsets(offsets));
    if (!failure) {
      for (const { part, position } of positions) part.committed = position;
      return;
    }
    if (this.#isClosed)
      throw new OffloopError('ERR_OFFLOOP_CLOSED', 'The consumer ended before the broker had confirmed it');
    this.#listener.trouble(brokerError(`Cannot commit positions of the topic ${topic}`, failure.error));
    // Partitions that have gone to another consumer are no more among the partitions after the next join.
    await new Promise<void>((resolve) => after(250, resolve));
  }
}

const none: Readonly<Record<string, string>> = Object.freeze({});

function incomingOf({ message, part, attempt }: Flight, delivery: number): IncomingMessage {
  return {
    delivery,
    key: message.key ?? undefined,
    value: message.value,
    headers: message.headers ? headersOf(message.headers) : none,
    partition: part.partition,
    position: Number(message.offset),
    time: Number(message.timestamp),
    attempt,
  };
}

/** Of several values of a header the first one counts. */
function headersOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (first instanceof Uint8Array) headers[name] = Buffer.from(first).toString();
    else if (typeof first === 'string') headers[name] = first;
  }
  return headers;
}
