/** The parts that are used of `@nats-io/jetstream`, which its users install. @module */

import type { NatsConnecting, NatsConnection, NatsHeaders } from '../../nats/client-types.ts';

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
export interface NatsPackages extends NatsConnecting {
  createInbox(): string;
  jetstreamManager(connection: NatsConnection, options: { checkAPI: boolean; timeout: number }): Promise<NatsManager>;
}
