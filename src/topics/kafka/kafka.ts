/** Topics over Kafka. @module */

import { duration, kind, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import type { ConsumeListener, ConsumeWish, Consumption, OutgoingMessage, Placed, Transport } from '../transport.ts';
import type { KafkaClient, KafkaLike } from './client-types.ts';
import { KafkaConsumption } from './consumption.ts';
import { KafkaPublisher } from './publisher.ts';

/** Options of `kafka`. */
export interface KafkaOptions {
  /** A client that you have made, such as `new Kafka({ brokers })` of kafkajs. */
  client: KafkaLike;

  /** Options of the client's producers, in its own words, such as `{ idempotent: true }`. @defaultValue `{}` */
  producer?: Readonly<Record<string, unknown>> | undefined;

  /** Options of the client's consumers, in its own words, such as `{ sessionTimeout: 60_000 }`. @defaultValue `{}` */
  consumer?: Readonly<Record<string, unknown>> | undefined;

  /**
   * How long a consumer looks for the cluster at the beginning, in milliseconds; later on it is looked for without end.
   * @defaultValue `10_000`
   */
  connectTimeout?: number | undefined;
}

const clientCheck: Check = (value) => {
  const client = value as Partial<KafkaClient> | null;
  const isOne =
    typeof client === 'object' &&
    [client?.producer, client?.consumer, client?.admin].every((member) => typeof member === 'function');
  return isOne ? undefined : 'a client for Kafka, such as new Kafka(…) of kafkajs';
};

const checks = { client: clientCheck, producer: kind('object'), consumer: kind('object'), connectTimeout: duration };

class OverKafka implements Transport {
  readonly name = 'kafka';

  /** Whether a cluster that comes back has its messages is the cluster's affair. */
  readonly can = { durable: true, partitions: true, orderedRedelivery: true, brokerRestart: false, times: true };
  readonly readsAhead = false;
  readonly #options: KafkaOptions;
  readonly #client: KafkaClient;
  readonly #publisher: KafkaPublisher;

  constructor(options: KafkaOptions) {
    this.#options = options;
    this.#client = options.client as KafkaClient;
    this.#publisher = new KafkaPublisher(this.#client, options.producer ?? {});
  }

  send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    return this.#publisher.send(message, timeout);
  }

  consume(wish: ConsumeWish, listener: ConsumeListener): Consumption {
    const { consumer: options = {}, connectTimeout: timeout = 10_000 } = this.#options;
    return new KafkaConsumption({ client: this.#client, options, timeout, wish, listener });
  }

  async close(): Promise<void> {
    await this.#publisher.close();
  }
}

/**
 * Topics over Kafka, by a client that you make: the shape of kafkajs. It is tested with kafkajs against the mock brokers of
 * librdkafka, not against a cluster.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if there is no client, or an option is unknown.
 *
 * @example
 * ```ts
 * const client = new Kafka({ brokers: ['kafka.local:9092'] });
 * const orders = topic<Order>('orders', { transport: kafka({ client }), group: 'billing' });
 * ```
 */
export function kafka(options: KafkaOptions): Transport {
  const own = ownOptions('kafka', options, { ...checks, client: clientCheck });
  // An option that is not given passes every check.
  return new OverKafka(ownOptions('kafka', { ...own, client: own.client ?? (null as never) }, checks));
}
