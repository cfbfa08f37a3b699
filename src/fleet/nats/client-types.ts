/** The parts that are used of `@nats-io/transport-node` and `@nats-io/jetstream`, which their users install. @module */

export interface NatsHeaders {
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
  readonly info?: { readonly max_payload: number };
  publish(subject: string, data?: Uint8Array | string, options?: { reply?: string; headers?: NatsHeaders }): void;
  request(subject: string, data: Uint8Array | string, options: { timeout: number }): Promise<NatsMessage>;
  subscribe(subject: string, options: { callback(error: Error | null, message: NatsMessage): void }): NatsSubscription;
  status(): AsyncIterable<{ readonly type: string }>;
  flush(): Promise<void>;
  drain(): Promise<void>;
  close(): Promise<void>;
  isClosed(): boolean;
}

export interface NatsManager {
  readonly streams: {
    add(config: Readonly<Record<string, unknown>>): Promise<unknown>;
    info(stream: string): Promise<{ readonly state: { readonly last_seq: number } }>;
    getMessage(stream: string, query: { seq: number }): Promise<object | null>;
    deleteMessage(stream: string, sequence: number, erase?: boolean): Promise<boolean>;
  };
  readonly consumers: {
    add(stream: string, config: Readonly<Record<string, unknown>>): Promise<unknown>;
  };
}

/** The packages. */
export interface NatsPackages {
  connect(options: Readonly<Record<string, unknown>>): Promise<NatsConnection>;
  headers(): NatsHeaders;
  jetstreamManager(connection: NatsConnection, options: { checkAPI: boolean; timeout: number }): Promise<NatsManager>;
}
