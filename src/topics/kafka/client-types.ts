/** The parts that are used of a client for Kafka that its user makes: the shape of `kafkajs`. @module */

export interface KafkaMessage {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

export interface KafkaOutgoing extends KafkaMessage {
  readonly partition: number | undefined;
}

export interface KafkaIncoming extends KafkaMessage {
  readonly offset: string;
  readonly timestamp: string;
}

/** Chooses a partition. */
export type KafkaPartitioner = (chosen: {
  readonly topic: string;
  readonly partitionMetadata: readonly { readonly partitionId: number }[];
  readonly message: KafkaOutgoing;
}) => number;

export interface KafkaProducer {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  send(record: {
    readonly topic: string;
    readonly messages: readonly KafkaOutgoing[];
    readonly acks: number;
  }): Promise<readonly { readonly partition: number; readonly baseOffset?: string }[]>;
}

export interface KafkaConsumer {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  subscribe(subscription: { readonly topics: readonly string[]; readonly fromBeginning: boolean }): Promise<void>;
  run(config: {
    readonly autoCommit: boolean;
    readonly eachBatchAutoResolve: boolean;
    eachBatch(payload: KafkaBatch): Promise<void>;
  }): Promise<void>;
  commitOffsets(offsets: readonly KafkaOffset[]): Promise<void>;
  seek(offset: KafkaOffset): void;
  pause(topics: readonly { readonly topic: string; readonly partitions?: readonly number[] }[]): void;
  resume(topics: readonly { readonly topic: string; readonly partitions?: readonly number[] }[]): void;
  on(event: string, listener: (event: { readonly payload: Readonly<Record<string, unknown>> }) => void): () => void;
}

export interface KafkaBatch {
  readonly batch: { readonly partition: number; readonly messages: readonly KafkaIncoming[] };
  resolveOffset(offset: string): void;
  isStale(): boolean;
}

export interface KafkaOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

export interface KafkaAdmin {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  fetchTopicOffsets(
    topic: string,
  ): Promise<readonly { readonly partition: number; readonly high: string; readonly low: string }[]>;
  fetchTopicOffsetsByTimestamp(
    topic: string,
    time: number,
  ): Promise<readonly { readonly partition: number; readonly offset: string }[]>;
  fetchOffsets(wish: { readonly groupId: string; readonly topics: readonly string[] }): Promise<
    readonly {
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[]
  >;
}

/** A client, such as `new Kafka(…)` of kafkajs, as it is used. */
export interface KafkaClient {
  producer(options: Readonly<Record<string, unknown>>): KafkaProducer;
  consumer(options: Readonly<Record<string, unknown>> & { readonly groupId: string }): KafkaConsumer;
  admin(): KafkaAdmin;
}

/**
 * What a client has to have, whatever its own types say of the rest: those of kafkajs name classes of Node.js where any bytes
 * will do.
 */
export interface KafkaLike {
  producer(options: never): object;
  consumer(options: never): object;
  admin(options?: never): object;
}
