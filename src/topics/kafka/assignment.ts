/** Which partitions a consumer over Kafka has, and where each of them goes on. @module */

import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { ConsumeListener, ConsumeWish } from '../transport.ts';
import type { KafkaClient, KafkaConsumer, KafkaIncoming } from './client-types.ts';
import { committedOf, positionsOf } from './offsets.ts';
import { Part } from './part.ts';
import { insist } from './patience.ts';

/** The parts of an assignment. */
export interface AssignmentPlan {
  readonly client: KafkaClient;
  readonly consumer: KafkaConsumer;
  readonly groupId: string;
  readonly wish: ConsumeWish;
  readonly listener: ConsumeListener;

  /** Whether the consumer takes no more messages. */
  isOver(): boolean;
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

  #parts = new Map<number, Part>();
  #unknown = new Set<number>();

  constructor(plan: AssignmentPlan) {
    this.#plan = plan;
  }

  get parts(): IterableIterator<Part> {
    return this.#parts.values();
  }

  async begin(): Promise<void> {
    const { client, wish } = this.#plan;
    this.#starts = await positionsOf(client, wish.topic, wish.start);
  }

  /** The group has divided the partitions. */
  joined(assigned: readonly number[]): void {
    const before = this.#parts;
    this.#parts = new Map();
    // What is being asked for those of before may be old by now.
    this.#unknown = new Set();
    for (const partition of assigned) {
      const kept = before.get(partition);
      before.delete(partition);
      if (kept) this.#go(kept);
      else if (this.#plan.wish.group === undefined) this.#open(partition);
      else this.#unknown.add(partition);
      // A client that has begun anew has forgotten it.
      if (kept?.isPaused) this.pause(kept);
    }
    for (const part of before.values()) part.isLost = true;
    if (this.#unknown.size > 0) void this.#find(this.#unknown);
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
    const seeking = [...this.#parts.keys(), ...this.#unknown];
    this.#unknown = new Set();
    for (const partition of seeking) {
      const position = positions.get(partition);
      if (position === undefined) continue;
      this.#resume([partition]);
      this.#go(new Part(partition, position));
    }
  }

  /** No more is asked for, since too much waits. */
  pause(part: Part): void {
    part.isPaused = true;
    this.#pause([part.partition]);
  }

  resume(part: Part): void {
    part.isPaused = false;
    this.#resume([part.partition]);
  }

  #go(part: Part): void {
    const { consumer, wish } = this.#plan;
    this.#parts.set(part.partition, part);
    tell(() => consumer.seek({ topic: wish.topic, partition: part.partition, offset: String(part.next) }));
  }

  #open(partition: number, position: number | undefined = this.#starts.get(partition)): void {
    // Of a partition that is new the client knows where it begins.
    if (position !== undefined) this.#go(new Part(partition, position));
  }

  #pause(partitions: readonly number[]): void {
    const { consumer, wish } = this.#plan;
    tell(() => consumer.pause([{ topic: wish.topic, partitions }]));
  }

  #resume(partitions: readonly number[]): void {
    const { consumer, wish } = this.#plan;
    tell(() => consumer.resume([{ topic: wish.topic, partitions }]));
  }

  /** Asks where the group has left what was given to this consumer, as long as the cluster is away. */
  async #find(unknown: Set<number>): Promise<void> {
    const { client, groupId, wish, listener, isOver } = this.#plan;
    const wished = [...unknown];
    this.#pause(wished);
    let committed: ReadonlyMap<number, number> = new Map();
    const ask = async (): Promise<Map<number, number>> => committedOf(client, wish.topic, groupId);
    const failure = await settled(async () => {
      committed = await insist(ask, Infinity, () => isOver() || this.#unknown !== unknown);
    });
    if (this.#unknown !== unknown || isOver()) return;
    this.#unknown = new Set();
    if (failure)
      listener.trouble(brokerError(`Cannot ask for the positions of the topic ${wish.topic}`, failure.error));
    // Without an answer the client goes on where it has been told that the group is.
    else for (const partition of wished) this.#open(partition, committed.get(partition));
    this.#resume(wished);
  }
}

/** A client that has no group at the moment throws; it is told when it has joined one. */
function tell(action: () => void): void {
  try {
    action();
  } catch {
    // Parts know where they go on and whether they are paused.
  }
}
