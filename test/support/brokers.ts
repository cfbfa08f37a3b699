/** The brokers that tests of topics run against, each as it is: in memory, a real server, a mock of a cluster. @module */

import { memory } from 'offloop/topics';
import type { Transport } from 'offloop/topics';

/** A broker that a test has started. */
export interface Broker {
  /** A new client of it; each is a process of its own to the broker. */
  connect(): Transport;

  /** Ends it, with all its clients. */
  stop(): Promise<void>;
}

/** How a kind of broker is started. */
export interface BrokerKind {
  readonly name: string;
  start(): Promise<Broker>;

  /** How long a message may take that goes from one consumer to another, in milliseconds. */
  readonly patience: number;
}

const inMemory: BrokerKind = {
  name: 'memory',
  patience: 1000,
  async start() {
    const transport = memory();
    return { connect: () => transport, stop: async () => transport.close() };
  },
};

/** Those that are installed here. */
export const kinds: readonly BrokerKind[] = [inMemory];

let last = 0;

/** A name that no other topic, group or consumer has. */
export function unique(name: string): string {
  last += 1;
  return `${name}-${process.pid}-${last}`;
}
