/** Sends messages to Kafka: those of one topic one after the other, many at a time. @module */

import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { argumentError, OffloopError } from '../../base/errors.ts';
import { Promise, queueMicrotask } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import type { OutgoingMessage, Placed } from '../transport.ts';
import type { KafkaClient, KafkaOutgoing, KafkaPartitioner, KafkaProducer } from './client-types.ts';
import { kafkaPartitionOf } from './partitioner.ts';

interface Pending {
  readonly message: OutgoingMessage;
  readonly record: KafkaOutgoing;
  readonly timer: Later;
  isOver: boolean;
  failure: unknown;
  resolve(placed: Placed): void;
  reject(reason: unknown): void;
}

/** The messages of one topic that wait, and whether some are on their way. */
interface Line {
  waiting: Pending[];
  isBusy: boolean;
}

/** How long to wait before messages are sent again, and before a producer is closed that nobody uses, in milliseconds. */
const between = 250;
const idleTime = 1000;

/**
 * Invariant: of one topic only one batch is on its way, so that the order stays.
 */
export class KafkaPublisher {
  readonly #client: KafkaClient;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #lines = new Map<string, Line>();
  readonly #partitions = new WeakMap<KafkaOutgoing, number>();
  #producer: Promise<KafkaProducer> | undefined;
  #idle: Later | undefined;
  #pending = 0;
  #turn = 0;

  constructor(client: KafkaClient, options: Readonly<Record<string, unknown>>) {
    this.#client = client;
    this.#options = options;
  }

  send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    return new Promise<Placed>((resolve, reject) => {
      const { key, value, headers, partition } = message;
      const record = { key: key ? Buffer.from(key) : null, value: value && Buffer.from(value), headers, partition };
      const timer = after(timeout, () => this.#expire(pending));
      timer.hold();
      const pending: Pending = { message, record, timer, isOver: false, failure: undefined, resolve, reject };
      this.#pending += 1;
      this.#idle?.cancel();
      this.#push(pending);
    });
  }

  async close(): Promise<void> {
    this.#idle?.cancel();
    const producer = this.#producer;
    this.#producer = undefined;
    const text = 'Cannot send: the Kafka transport was closed';
    for (const { waiting } of this.#lines.values())
      for (const pending of waiting.splice(0))
        this.#end(pending, () => pending.reject(new OffloopError('ERR_OFFLOOP_CLOSED', text)));
    if (producer) await settled(async () => (await producer).disconnect());
  }

  #push(pending: Pending): void {
    const { topic } = pending.message;
    let line = this.#lines.get(topic);
    if (!line) this.#lines.set(topic, (line = { waiting: [], isBusy: false }));
    line.waiting.push(pending);
    if (line.isBusy) return;
    line.isBusy = true;
    const begun = line;
    queueMicrotask(() => void this.#drain(topic, begun));
  }

  async #drain(topic: string, line: Line): Promise<void> {
    while (line.waiting.length > 0) {
      const batch = line.waiting.splice(0);
      const failure = await settled(async () => this.#sendBatch(topic, batch));
      if (!failure) continue;
      for (const pending of batch) pending.failure = failure.error;
      const { error } = failure;
      const left = batch.filter(({ isOver }) => !isOver);
      if (isFinal(error)) {
        const refused = 'code' in Object(error) ? error : brokerError(`Cannot send to the topic ${topic}`, error);
        for (const pending of left) this.#end(pending, () => pending.reject(refused));
      } else {
        line.waiting.unshift(...left);
        await new Promise<void>((resolve) => after(between, resolve));
      }
    }
    line.isBusy = false;
  }

  async #sendBatch(topic: string, batch: readonly Pending[]): Promise<void> {
    const producer = await this.#open();
    const messages = batch.map(({ record }) => record);
    const metadata = await producer.send({ topic, messages, acks: -1 });
    const next = new Map(metadata.map(({ partition, baseOffset }) => [partition, Number(baseOffset ?? -1)]));
    for (const pending of batch) {
      const partition = this.#partitions.get(pending.record) ?? pending.record.partition ?? 0;
      const position = next.get(partition) ?? -1;
      next.set(partition, position + 1);
      this.#end(pending, () => pending.resolve({ partition, position }));
    }
  }

  #open(): Promise<KafkaProducer> {
    if (this.#producer) return this.#producer;
    const opening = this.#connect();
    this.#producer = opening;
    opening.catch(() => {
      if (this.#producer === opening) this.#producer = undefined;
    });
    return opening;
  }

  async #connect(): Promise<KafkaProducer> {
    const createPartitioner = (): KafkaPartitioner => (chosen) => this.#choose(chosen);
    const producer = this.#client.producer({ createPartitioner, ...this.#options });
    await producer.connect();
    return producer;
  }

  #choose({ topic, partitionMetadata, message }: Parameters<KafkaPartitioner>[0]): number {
    const count = partitionMetadata.length;
    if (message.partition !== undefined && message.partition >= count)
      throw argumentError(
        `Cannot send to partition ${message.partition} of the topic ${topic}: it has ${count}, from 0`,
      );
    const partition = message.partition ?? (message.key ? kafkaPartitionOf(message.key, count) : this.#turn++ % count);
    this.#partitions.set(message, partition);
    return partition;
  }

  #expire(pending: Pending): void {
    const { message, failure } = pending;
    const why = failure instanceof Error ? `: ${failure.message}` : '';
    const text = `The topic ${message.topic} did not confirm a message in time${why}`;
    const error = new OffloopError('ERR_OFFLOOP_TIMEOUT', text, failure === undefined ? {} : { cause: failure });
    this.#end(pending, () => pending.reject(error));
    const line = this.#lines.get(message.topic);
    if (line) line.waiting = line.waiting.filter((other) => other !== pending);
  }

  #end(pending: Pending, settle: () => void): void {
    if (pending.isOver) return;
    pending.isOver = true;
    pending.timer.letGo();
    pending.timer.cancel();
    settle();
    this.#pending -= 1;
    if (this.#pending === 0) this.#idle = after(idleTime, () => void this.close());
  }
}

/** Whether the broker will never take it. That the client has given up says nothing: the topic has its own time-out. */
function isFinal(error: unknown): boolean {
  const { name, retriable } = (error ?? {}) as { readonly name?: string; readonly retriable?: boolean };
  return error instanceof TypeError || (retriable === false && name !== 'KafkaJSNumberOfRetriesExceeded');
}
