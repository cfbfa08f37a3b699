/** A broker in the process itself. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { count, ownOptions } from '../../base/options.ts';
import type {
  ConsumeListener,
  ConsumeWish,
  Consumption,
  OutgoingMessage,
  Placed,
  StartPosition,
  Transport,
} from '../transport.ts';
import { Group } from './group.ts';
import { Log } from './log.ts';
import { MemoryConsumer } from './memory-consumer.ts';

/** Options of `memory`. */
export interface MemoryOptions {
  /** Among how many partitions the messages of a topic are divided by their keys; a whole number from 1. @defaultValue `8` */
  partitions?: number | undefined;

  /** How many messages that all groups have dealt with are kept for those who come later; from 0. @defaultValue `1024` */
  keep?: number | undefined;

  /**
   * How many messages may wait for the slowest group, or consumer without one; then whoever sends waits. A whole number from
   * 1. @defaultValue `100_000`
   */
  maxSize?: number | undefined;
}

const checks = { partitions: count(1), keep: count(0, { unbounded: true }), maxSize: count(1, { unbounded: true }) };

/** A `send` that waits for room. */
interface Sender {
  readonly message: OutgoingMessage;
  readonly timer: Later;
  resolve(placed: Placed): void;
  reject(reason: unknown): void;
}

/** After how many messages the log is trimmed: it costs a look at every group. */
const trimEvery = 64;

/**
 * One topic.
 *
 * Invariant: while a sender waits, the slowest group has `maxSize` messages to deal with.
 */
class MemoryTopic {
  readonly log: Log;
  readonly #keep: number;
  readonly #maxSize: number;
  readonly #groups = new Map<string, Group>();
  readonly #alone = new Set<Group>();
  readonly #senders: Sender[] = [];

  constructor({ partitions, keep, maxSize }: Required<{ [K in keyof MemoryOptions]: number }>) {
    this.log = new Log(partitions);
    this.#keep = keep;
    this.#maxSize = maxSize;
  }

  send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    if (this.#senders.length === 0 && this.#hasRoom()) return Promise.resolve(this.#append(message));
    return new Promise<Placed>((resolve, reject) => {
      const timer = after(timeout, () => {
        this.#senders.splice(this.#senders.indexOf(sender), 1);
        timer.letGo();
        const text = `Cannot send to the topic ${message.topic}: ${this.#lag()} messages wait for its slowest group`;
        reject(new OffloopError('ERR_OFFLOOP_TIMEOUT', text));
      });
      timer.hold();
      const sender: Sender = { message, timer, resolve, reject };
      this.#senders.push(sender);
    });
  }

  /** The group of this name, which begins at `start` if it is new. */
  group(name: string, start: StartPosition): Group {
    let group = this.#groups.get(name);
    if (!group) this.#groups.set(name, (group = new Group(this.log, start, () => this.#admit())));
    return group;
  }

  consume({ group: name, start }: ConsumeWish, listener: ConsumeListener): Consumption {
    if (name === undefined) {
      const group = new Group(this.log, start, () => this.#admit());
      this.#alone.add(group);
      const onLeave = (): void => {
        group.close();
        this.#alone.delete(group);
        this.#admit();
      };
      return new MemoryConsumer({ group, listener, onLeave });
    }
    return new MemoryConsumer({ group: this.group(name, start), listener, onLeave: () => undefined });
  }

  close(): void {
    for (const group of [...this.#groups.values(), ...this.#alone]) group.close();
    for (const { timer, reject } of this.#senders.splice(0)) {
      timer.letGo();
      timer.cancel();
      reject(new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot send: the memory transport was closed'));
    }
  }

  #append(message: OutgoingMessage): Placed {
    const entry = this.log.append(message);
    for (const group of this.#groups.values()) group.arrived(entry);
    for (const group of this.#alone) group.arrived(entry);
    if (this.log.size > this.#keep && this.log.end % trimEvery === 0) this.#trim();
    const { partition, position } = entry;
    return { partition, position };
  }

  #trim(): void {
    const groups = [...this.#groups.values(), ...this.#alone];
    this.log.trim(this.#keep, (partition, number) => groups.some((group) => group.needs(partition, number)));
  }

  #lag(): number {
    let most = 0;
    for (const group of this.#groups.values()) most = Math.max(most, group.lag);
    for (const group of this.#alone) most = Math.max(most, group.lag);
    return most;
  }

  /** No group can have more to deal with than is kept. */
  #hasRoom(): boolean {
    return this.log.size < this.#maxSize || this.#lag() < this.#maxSize;
  }

  #admit(): void {
    if (this.#senders.length === 0) return;
    while (this.#senders.length > 0 && this.#hasRoom()) {
      const { message, timer, resolve, reject } = this.#senders.shift() as Sender;
      timer.letGo();
      timer.cancel();
      try {
        resolve(this.#append(message));
      } catch (error) {
        reject(error);
      }
    }
  }
}

class Memory implements Transport {
  readonly name = 'memory';
  readonly readsAhead = false;
  readonly can = { durable: false, partitions: true, orderedRedelivery: true, brokerRestart: false, times: true };
  readonly #options: Required<{ [K in keyof MemoryOptions]: number }>;
  readonly #topics = new Map<string, MemoryTopic>();

  constructor(options: MemoryOptions) {
    const { partitions = 8, keep = 1024, maxSize = 100_000 } = ownOptions('memory', options, checks);
    this.#options = { partitions, keep, maxSize };
  }

  async send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    return this.#topic(message.topic).send(message, timeout);
  }

  declare({ topic, group, start }: ConsumeWish): void {
    if (group !== undefined) this.#topic(topic).group(group, start);
  }

  consume(wish: ConsumeWish, listener: ConsumeListener): Consumption {
    return this.#topic(wish.topic).consume(wish, listener);
  }

  /** The messages stay: whoever opens the topic again finds them. */
  close(): Promise<void> {
    for (const topic of this.#topics.values()) topic.close();
    return Promise.resolve();
  }

  #topic(name: string): MemoryTopic {
    let topic = this.#topics.get(name);
    if (!topic) this.#topics.set(name, (topic = new MemoryTopic(this.#options)));
    return topic;
  }
}

/**
 * A broker in this process, in the thread that makes it: with keys and partitions, groups and positions, redelivery and all
 * that a topic has. It is gone with the process.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * const orders = topic<Order>('orders', { transport: memory({ keep: 10_000 }), group: 'billing' });
 * ```
 */
export function memory(options: MemoryOptions = {}): Transport {
  return new Memory(options);
}
