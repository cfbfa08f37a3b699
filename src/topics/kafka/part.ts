/** One partition, as a consumer over Kafka knows it. @module */

import { CommitRun } from '../commit-run.ts';
import type { KafkaIncoming } from './client-types.ts';

/** A message on its way. */
export interface Flight {
  readonly part: Part;
  readonly message: KafkaIncoming;

  /** Its number in the run of the partition. */
  readonly number: number;
  readonly attempt: number;
}

/**
 * Messages that have come, those that come again, and how far all was dealt with.
 *
 * Invariant: messages are in order, and none is there twice.
 */
export class Part {
  readonly partition: number;
  readonly run: CommitRun;

  /** The position after the last message that has come. */
  next: number;

  isPaused = false;

  /** Whether it has gone to another consumer. */
  isLost = false;
  #messages: KafkaIncoming[] = [];
  #taken = 0;
  readonly #again: Flight[] = [];

  constructor(partition: number, position: number) {
    this.partition = partition;
    this.run = new CommitRun(position);
    this.next = position;
  }

  /** How many messages wait that were never delivered. */
  get size(): number {
    return this.#messages.length - this.#taken;
  }

  /** Messages have come; those that have come before are left out. */
  add(messages: readonly KafkaIncoming[]): void {
    for (const message of messages) {
      const position = Number(message.offset);
      if (position < this.next) continue;
      this.#messages.push(message);
      this.next = position + 1;
    }
  }

  /** The time of the next message, by which partitions are compared. */
  peek(): KafkaIncoming | undefined {
    return this.#again[0]?.message ?? this.#messages[this.#taken];
  }

  take(): Flight | undefined {
    const again = this.#again.shift();
    if (again) return again;
    const message = this.#messages[this.#taken];
    if (!message) return undefined;
    this.#taken += 1;
    if (this.#taken * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#taken);
      this.#taken = 0;
    }
    return { part: this, message, number: this.run.deliver(Number(message.offset)), attempt: 1 };
  }

  /** A message is to come again, before all newer ones. */
  back(flight: Flight): void {
    const at = this.#again.findIndex(({ number }) => number > flight.number);
    this.#again.splice(at < 0 ? this.#again.length : at, 0, { ...flight, attempt: flight.attempt + 1 });
  }
}
