/** Topics over NATS JetStream. @module */

import { argumentError } from '../../base/errors.ts';
import { duration, kind, ownOptions } from '../../base/options.ts';
import type { ConsumeListener, ConsumeWish, Consumption, OutgoingMessage, Placed, Transport } from '../transport.ts';
import { Connection } from './connection.ts';
import { ServerConsumer } from './consumers.ts';
import { NatsConsumption } from './consumption.ts';
import { Publisher } from './publisher.ts';
import { Streams } from './streams.ts';

/** Options of `nats`. */
export interface NatsOptions {
  /** Addresses of servers. @defaultValue `'127.0.0.1:4222'` */
  servers?: string | readonly string[] | undefined;

  /** More options of `connect` of `@nats-io/transport-node`, such as `{ user, pass, tls }`. @defaultValue `{}` */
  connection?: Readonly<Record<string, unknown>> | undefined;

  /**
   * How the stream of a topic is made that is not there yet, in the words of the server, such as `{ num_replicas: 3 }`.
   * @defaultValue `{}`: a stream in files that keeps all messages
   */
  stream?: Readonly<Record<string, unknown>> | undefined;

  /** How the consumer of a group is made that is not there yet, in the words of the server. @defaultValue `{}` */
  consumer?: Readonly<Record<string, unknown>> | undefined;

  /**
   * After how many milliseconds a message is delivered again whose consumer has died; as long as it lives it may take longer.
   * @defaultValue `30_000`
   */
  ackWait?: number | undefined;

  /** How long to look for a server at the beginning, in milliseconds; later on it is looked for without end. @defaultValue `10_000` */
  connectTimeout?: number | undefined;
}

const servers = (value: unknown): string | undefined =>
  typeof value === 'string' || (Array.isArray(value) && value.every((it) => typeof it === 'string'))
    ? undefined
    : 'an address, or an array of addresses';

const checks = {
  servers,
  connection: kind('object'),
  stream: kind('object'),
  consumer: kind('object'),
  ackWait: duration,
  connectTimeout: duration,
};

/** As long as the server knows the ids of messages, in milliseconds, unless a stream says otherwise. */
const idsAreKnown = 120_000;

class Nats implements Transport {
  readonly name = 'nats';
  readonly can = { durable: true, partitions: false, orderedRedelivery: false, brokerRestart: true, times: true };
  readonly readsAhead = true;
  readonly #options: Omit<NatsOptions, 'ackWait' | 'connectTimeout'> & {
    readonly ackWait: number;
    readonly connectTimeout: number;
  };
  readonly #connection: Connection;
  readonly #streams: Streams;
  readonly #publisher: Publisher;
  readonly #longest: number;

  constructor(given: NatsOptions) {
    const options = ownOptions('nats', given, checks);
    const {
      ackWait = 30_000,
      connectTimeout = 10_000,
      servers = '127.0.0.1:4222',
      connection = {},
      stream = {},
    } = options;
    this.#options = { ...options, ackWait, connectTimeout };
    this.#connection = new Connection({ servers, ...connection }, connectTimeout);
    this.#streams = new Streams(this.#connection, stream);
    this.#publisher = new Publisher(this.#connection, this.#streams);
    const { duplicate_window: window } = stream;
    this.#longest = typeof window === 'number' ? window / 1e6 : idsAreKnown;
  }

  async send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    // One that is sent again later would be stored twice.
    if (timeout > this.#longest)
      throw argumentError(
        `Cannot send to the topic ${message.topic}: its timeout of ${timeout} ms is longer than the server knows ids of messages, ${this.#longest} ms`,
      );
    return this.#publisher.send(message, timeout);
  }

  consume(wish: ConsumeWish, listener: ConsumeListener): Consumption {
    const { ackWait, connectTimeout, consumer: config = {} } = this.#options;
    const consumer = new ServerConsumer(this.#connection, this.#streams, { wish, ackWait, config });
    const { start, commitInterval } = wish;
    const plan = { connection: this.#connection, consumer, start, commitInterval, listener, timeout: connectTimeout };
    return new NatsConsumption(plan);
  }

  async close(): Promise<void> {
    this.#publisher.close();
    await this.#connection.close();
  }
}

/**
 * Topics over NATS JetStream: each topic is a subject with a stream, each group a durable consumer. The packages
 * `@nats-io/transport-node` and `@nats-io/jetstream` have to be installed, and the server runs with `-js`.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. The topics reject with
 * `ERR_OFFLOOP_PEER` if a package is missing.
 *
 * @example
 * ```ts
 * const orders = topic<Order>('orders', { transport: nats({ servers: 'nats.local:4222' }), group: 'billing' });
 * ```
 */
export function nats(options: NatsOptions = {}): Transport {
  return new Nats(options);
}
