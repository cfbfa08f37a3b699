/** Commits to Kafka how far the messages of partitions were dealt with. @module */

import { after } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import { within } from '../../base/pause.ts';
import type { ConsumeListener, ConsumeWish } from '../transport.ts';
import type { KafkaConsumer } from './client-types.ts';
import { closeTime } from './patience.ts';
import type { Part } from './part.ts';

/** How long to wait before a commit is tried again that the broker did not take, in milliseconds. */
const breath = 250;

/** An acknowledgement that waits for a commit up to its position. */
interface Waiter {
  readonly part: Part;
  readonly delivery: number;
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

  /** How many commits the broker has confirmed. */
  #confirmed = 0;

  /** Ends the pause that there is. */
  #wake: (() => void) | undefined;

  constructor(consumer: KafkaConsumer, wish: ConsumeWish, listener: ConsumeListener) {
    this.#consumer = consumer;
    this.#wish = wish;
    this.#listener = listener;
    consumer.on('consumer.commit_offsets', () => (this.#confirmed += 1));
  }

  /** The run of a partition has moved. */
  add(part: Part, delivery: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#waiting.add({ part, delivery, position: part.run.position, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  /** The deliveries that wait in partitions that have gone to another consumer. */
  lost(): number[] {
    return [...this.#waiting].filter(({ part }) => part.isLost).map(({ delivery }) => delivery);
  }

  /** Acknowledgements are not gathered any more. */
  hurry(): void {
    this.#isHurried = true;
    this.#wake?.();
  }

  /** Tries once more, and gives up what the broker does not take, or not in time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.hurry();
    if (this.#committing && !(await within(closeTime, this.#committing))) this.#rejectAll(closedError());
  }

  /** The consumer is over: what was not confirmed will not be. */
  fail(reason: unknown): void {
    this.#isClosed = true;
    this.#rejectAll(reason);
    this.hurry();
  }

  async #commitAll(): Promise<void> {
    const { topic, commitInterval } = this.#wish;
    if (commitInterval > 0 && !this.#isHurried) await this.#pause(commitInterval);
    else await Promise.resolve();
    while (this.#waiting.size > 0) {
      this.#dropLost();
      const wasClosed = this.#isClosed;
      const failure = await settled(async () => this.#commit());
      if (!failure) continue;
      if (wasClosed) this.#rejectAll(closedError(failure.error));
      else this.#listener.trouble(brokerError(`Cannot commit positions of the topic ${topic}`, failure.error));
      if (!this.#isClosed) await this.#pause(breath);
    }
    this.#committing = undefined;
  }

  async #pause(time: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const later = after(time, () => this.#wake?.());
      later.hold();
      this.#wake = () => {
        this.#wake = undefined;
        later.letGo();
        later.cancel();
        resolve();
      };
    });
  }

  async #commit(): Promise<void> {
    const positions = new Map<Part, number>();
    for (const { part } of this.#waiting) positions.set(part, part.run.position);
    // One without a group has nobody to go on for.
    if (this.#wish.group !== undefined && positions.size > 0) await this.#tell(positions);
    for (const waiter of this.#waiting) {
      if (waiter.position > (positions.get(waiter.part) ?? -1)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** A client that is not in its group at the moment resolves without having told anybody. */
  async #tell(positions: ReadonlyMap<Part, number>): Promise<void> {
    const { topic } = this.#wish;
    const before = this.#confirmed;
    await this.#consumer.commitOffsets(
      [...positions].map(([{ partition }, position]) => ({ topic, partition, offset: String(position) })),
    );
    if (this.#confirmed === before)
      throw new OffloopError('ERR_OFFLOOP_BROKER', 'The client has confirmed nothing: it is not in its group');
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

function closedError(cause?: unknown): OffloopError {
  const text = 'The consumer ended before the broker had confirmed it';
  return new OffloopError('ERR_OFFLOOP_CLOSED', text, cause === undefined ? {} : { cause });
}
