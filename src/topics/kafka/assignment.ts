/** Which partitions a consumer over Kafka has, and where each of them goes on. @module */

import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { ConsumeListener, ConsumeWish } from '../transport.ts';
import type { KafkaClient, KafkaConsumer, KafkaIncoming } from './client-types.ts';
import { committedOf, positionsOf } from './offsets.ts';
import { Part } from './part.ts';

/** The parts of an assignment. */
export interface AssignmentPlan {
  readonly client: KafkaClient;
  readonly consumer: KafkaConsumer;
  readonly groupId: string;
  readonly wish: ConsumeWish;
  readonly listener: ConsumeListener;
}

/**
 * Partitions that stay go on where they are; one that comes goes on where its group has committed, whoever had it before.
 *
 * Invariant: of a partition whose position is not known yet nothing is taken.
 */
export class Assignment {
  readonly #plan: AssignmentPlan;

  /** Where partitions begin that the group has no position of. */
  #starts = new Map<number, number>();

  /** The positions at the beginning, which are of no use later. */
  #committed: ReadonlyMap<number, number> | undefined;
  #parts = new Map<number, Part>();
  readonly #unknown = new Set<number>();

  constructor(plan: AssignmentPlan) {
    this.#plan = plan;
  }

  get parts(): IterableIterator<Part> {
    return this.#parts.values();
  }

  async begin(): Promise<void> {
    const { client, groupId, wish } = this.#plan;
    this.#starts = await positionsOf(client, wish.topic, wish.start);
    this.#committed = wish.group === undefined ? new Map() : await committedOf(client, wish.topic, groupId);
  }

  /** The group has divided the partitions. */
  joined(assigned: readonly number[]): void {
    const before = this.#parts;
    const committed = this.#committed;
    this.#committed = undefined;
    this.#parts = new Map();
    this.#unknown.clear();
    for (const partition of assigned) {
      const kept = before.get(partition);
      before.delete(partition);
      if (kept) this.#go(kept);
      else if (committed) this.#open(partition, committed);
      else this.#unknown.add(partition);
    }
    for (const part of before.values()) part.isLost = true;
    if (this.#unknown.size > 0) void this.#find();
  }

  /** The partition that messages have come for; none if its position is not known. */
  partOf(partition: number, messages: readonly KafkaIncoming[]): Part | undefined {
    if (this.#unknown.has(partition)) return undefined;
    let part = this.#parts.get(partition);
    if (!part) this.#parts.set(partition, (part = new Part(partition, Number(messages[0]?.offset))));
    return part;
  }

  /** The partitions go on from other positions; none of them is what it was. */
  seek(positions: ReadonlyMap<number, number>): void {
    const { consumer, wish } = this.#plan;
    const seeking = [...this.#parts.keys(), ...this.#unknown];
    this.#unknown.clear();
    for (const partition of seeking) {
      const position = positions.get(partition);
      if (position === undefined) continue;
      consumer.resume([{ topic: wish.topic, partitions: [partition] }]);
      this.#go(new Part(partition, position));
    }
  }

  #go(part: Part): void {
    const { consumer, wish } = this.#plan;
    this.#parts.set(part.partition, part);
    consumer.seek({ topic: wish.topic, partition: part.partition, offset: String(part.next) });
  }

  #open(partition: number, committed: ReadonlyMap<number, number>): void {
    const position = committed.get(partition) ?? this.#starts.get(partition);
    // Of a partition that is new the client knows where it begins.
    if (position !== undefined) this.#go(new Part(partition, position));
  }

  /** Asks where the group has left what was given to this consumer since. */
  async #find(): Promise<void> {
    const { client, consumer, groupId, wish, listener } = this.#plan;
    const { topic } = wish;
    const wished = [...this.#unknown];
    consumer.pause([{ topic, partitions: wished }]);
    let committed: ReadonlyMap<number, number> = new Map();
    const failure = await settled(async () => {
      if (wish.group !== undefined) committed = await committedOf(client, topic, groupId);
    });
    const found = wished.filter((partition) => this.#unknown.delete(partition));
    if (failure) listener.trouble(brokerError(`Cannot ask for the positions of the topic ${topic}`, failure.error));
    // Without an answer the client goes on where it has been told that the group is.
    else for (const partition of found) this.#open(partition, committed);
    if (found.length > 0) consumer.resume([{ topic, partitions: found }]);
  }
}
