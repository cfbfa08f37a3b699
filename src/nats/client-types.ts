/** The parts that are used of `@nats-io/transport-node`, which its users install. @module */

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
  readonly info?: { readonly max_payload: number };
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

/** What makes a connection. */
export interface NatsConnecting {
  connect(options: Readonly<Record<string, unknown>>): Promise<NatsConnection>;
  headers(): NatsHeaders;
}
