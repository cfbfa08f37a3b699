/** The parts that are used of `@nats-io/jetstream`, which its users install. @module */

import type { NatsConnecting, NatsConnection } from '../../nats/client-types.ts';

export interface NatsManager {
  readonly streams: {
    add(config: Readonly<Record<string, unknown>>): Promise<unknown>;
    update(stream: string, config: Readonly<Record<string, unknown>>): Promise<unknown>;
    info(stream: string): Promise<{
      readonly config: Readonly<Record<string, unknown>>;
      readonly state: { readonly last_seq: number };
    }>;
    getMessage(stream: string, query: { seq: number }): Promise<object | null>;
    deleteMessage(stream: string, sequence: number, erase?: boolean): Promise<boolean>;
  };
  readonly consumers: {
    add(stream: string, config: Readonly<Record<string, unknown>>): Promise<unknown>;
    info(stream: string, consumer: string): Promise<{ readonly delivered: { readonly stream_seq: number } }>;
  };
}

/** The packages. */
export interface NatsPackages extends NatsConnecting {
  jetstreamManager(connection: NatsConnection, options: { checkAPI: boolean; timeout: number }): Promise<NatsManager>;
}
