/** The parts that are used of `@nats-io/transport-node` and `@nats-io/jetstream`, which their users install. @module */

export interface NatsHeaders extends Iterable<[name: string, values: string[]]> {
  append(name: string, value: string): void;
  get(name: string): string;
  readonly code: number;
  readonly description: string;
}

export interface NatsMessage {
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
  readonly headers?: NatsHeaders;
}

export interface NatsSubscription {
  unsubscribe(): void;
  drain(): Promise<void>;
}

export interface NatsConnection {
  publish(subject: string, data?: Uint8Array | string, options?: { reply?: string; headers?: NatsHeaders }): void;
  request(
    subject: string,
    data?: Uint8Array | string,
    options?: { timeout: number; headers?: NatsHeaders },
  ): Promise<NatsMessage>;
  subscribe(
    subject: string,
    options: { readonly queue?: string; callback(error: Error | null, message: NatsMessage): void },
  ): NatsSubscription;
  status(): AsyncIterable<{ readonly type: string; readonly error?: Error }>;
  flush(): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
  closed(): Promise<unknown>;
  isClosed(): boolean;
}

export interface NatsConsumerConfig {
  readonly durable_name: string;
  readonly filter_subject?: string;
  readonly ack_policy: string;
  readonly ack_wait: number;
  readonly deliver_policy: string;
  readonly opt_start_seq?: number;
  readonly opt_start_time?: string;
  readonly max_deliver?: number;
  readonly max_ack_pending?: number;
  readonly max_batch?: number;
  readonly max_expires?: number;
  readonly inactive_threshold?: number;
}

export interface NatsConsumerInfo {
  readonly name: string;
  readonly created: string;
  readonly delivered: { readonly stream_seq: number };
  readonly config: Partial<NatsConsumerConfig> & { readonly deliver_subject?: string };
}

export interface NatsManager {
  readonly streams: {
    find(subject: string): Promise<string>;
    add(config: Readonly<Record<string, unknown>>): Promise<{ readonly config: { readonly name: string } }>;
    getMessage(stream: string, query: { seq: number }): Promise<StoredMessage | null>;
  };
  readonly consumers: {
    info(stream: string, name: string): Promise<NatsConsumerInfo>;
    add(stream: string, config: NatsConsumerConfig): Promise<NatsConsumerInfo>;
    delete(stream: string, name: string): Promise<boolean>;
  };
}

export interface StoredMessage {
  readonly data: Uint8Array;
  readonly header?: NatsHeaders;
  readonly seq: number;
  readonly time: Date;
}

/** The packages. */
export interface NatsPackages {
  connect(options: Readonly<Record<string, unknown>>): Promise<NatsConnection>;
  headers(): NatsHeaders;
  createInbox(): string;
  jetstreamManager(connection: NatsConnection, options: { checkAPI: boolean; timeout: number }): Promise<NatsManager>;
}
