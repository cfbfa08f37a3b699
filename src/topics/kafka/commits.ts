/** Commits to Kafka how far the messages of partitions were dealt with. @module */

import { after } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { ConsumeListener, ConsumeWish } from '../transport.ts';
import type { KafkaConsumer } from './client-types.ts';
import type { Part } from './part.ts';

/** How long to wait before a commit is tried again that the broker did not take, in milliseconds. */
const breath = 250;

/** An acknowledgement that waits for a commit up to its position. */
interface Waiter {
  readonly part: Part;
  readonly position: number;
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * One commit after the other, each of all that was acknowledged until then.
 *
 * Invariant: an acknowledgement has resolved only if the broker has confirmed a position after it, or `errors` tells that it cannot.
 */
export class Commits {
  readonly #consumer: KafkaConsumer;
  readonly #wish: ConsumeWish;
  readonly #listener: ConsumeListener;
  readonly #waiting = new Set<Waiter>();
  #committing: Promise<void> | undefined;
  #isHurried = false;
  #isClosed = false;

  constructor(consumer: KafkaConsumer, wish: ConsumeWish, listener: ConsumeListener) {
    this.#consumer = consumer;
    this.#wish = wish;
    this.#listener = listener;
  }

  /** The run of a partition has moved. */
  add(part: Part): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#waiting.add({ part, position: part.run.position, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Acknowledgements are not gathered any more. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** Tries once more, and gives up what the broker does not take. */
  async close(): Promise<void> {
    this.#isHurried = true;
    this.#isClosed = true;
    await this.#committing;
  }

  async #commitAll(): Promise<void> {
    await this.#gather();
    while (this.#waiting.size > 0) {
      this.#dropLost();
      const wasClosed = this.#isClosed;
      const failure = await settled(async () => this.#commit());
      if (!failure) continue;
      if (wasClosed) {
        const text = 'The consumer ended before the broker had confirmed it';
        this.#rejectAll(new OffloopError('ERR_OFFLOOP_CLOSED', text, { cause: failure.error }));
        break;
      }
      this.#listener.trouble(brokerError(`Cannot commit positions of the topic ${this.#wish.topic}`, failure.error));
      if (!this.#isClosed) await new Promise<void>((resolve) => hold(breath, resolve));
    }
    this.#committing = undefined;
  }

  async #gather(): Promise<void> {
    const { commitInterval } = this.#wish;
    await new Promise<void>((resolve) => {
      if (commitInterval === 0 || this.#isHurried) void Promise.resolve().then(resolve);
      else hold(commitInterval, resolve);
    });
  }

  async #commit(): Promise<void> {
    const { topic, group } = this.#wish;
    const positions = new Map<Part, number>();
    for (const { part } of this.#waiting) positions.set(part, part.run.position);
    const offsets = [...positions].map(([{ partition }, position]) => ({ topic, partition, offset: String(position) }));
    // One without a group has nobody to go on for.
    if (group !== undefined && offsets.length > 0) await this.#consumer.commitOffsets(offsets);
    for (const waiter of this.#waiting) {
      if (waiter.position > (positions.get(waiter.part) ?? -1)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** Partitions that have gone to another consumer are committed by that one: messages that are in hand here come to both. */
  #dropLost(): void {
    const lost = new Set([...this.#waiting].map(({ part }) => part).filter(({ isLost }) => isLost));
    for (const part of lost) {
      const text = `Cannot commit positions of partition ${part.partition} of the topic ${this.#wish.topic}: it has gone to another consumer`;
      this.#listener.trouble(new OffloopError('ERR_OFFLOOP_BROKER', text));
    }
    for (const waiter of this.#waiting) {
      if (!waiter.part.isLost) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  #rejectAll(reason: unknown): void {
    for (const { reject } of this.#waiting) reject(reason);
    this.#waiting.clear();
  }
}

/** A timer that keeps the process alive. */
function hold(time: number, action: () => void): void {
  const later = after(time, () => {
    later.letGo();
    action();
  });
  later.hold();
}
