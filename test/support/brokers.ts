/** The brokers that tests of topics run against, each as it is: in memory, a real server, a mock of a cluster. @module */

import { spawnSync } from 'node:child_process';
import { Kafka, logLevel } from 'kafkajs';
import { kafka } from 'offloop/kafka';
import { nats } from 'offloop/nats';
import { inThread, memory } from 'offloop/topics';
import type { Transport } from 'offloop/topics';
import { isFull } from './full.ts';
import { kafkaMock } from './kafka-mock.ts';
import { natsServer } from './nats-server.ts';

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

  /** The mock of a broker gives no positions for times. */
  readonly ignoresTimes?: boolean;

  /** Whether a group takes seconds to begin. */
  readonly isSlow?: boolean;

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

const overNats: BrokerKind = {
  name: 'nats',
  patience: 5000,
  async start() {
    const server = await natsServer();
    const transports: Transport[] = [];
    return {
      connect() {
        const transport = nats({ servers: server.servers });
        transports.push(transport);
        return transport;
      },
      async stop() {
        for (const transport of transports) await transport.close();
        await server.stop();
      },
    };
  },
};

const modules = new URL('../fixtures/topics/', import.meta.url);

/** Every consumer of one thread shares the memory of that thread. */
const memoryInThread: BrokerKind = {
  name: 'memory in a thread',
  patience: 2000,
  async start() {
    const transport = inThread(new URL('memory.mjs', modules));
    return { connect: () => transport, stop: async () => transport.close() };
  },
};

const natsInThread: BrokerKind = {
  name: 'nats in a thread',
  patience: 5000,
  async start() {
    const server = await natsServer();
    const transport = inThread(new URL('nats.mjs', modules), { args: [server.servers] });
    return {
      connect: () => transport,
      async stop() {
        await transport.close();
        await server.stop();
      },
    };
  },
};

/** One broker of a cluster that librdkafka plays; nothing outlives it, and it answers only clients that wait briefly. */
export const kafkaBroker: BrokerKind = {
  name: 'kafka',
  isSlow: true,
  ignoresTimes: true,
  patience: 20_000,
  async start() {
    const cluster = await kafkaMock();
    const transports: Transport[] = [];
    return {
      connect() {
        const client = new Kafka({ brokers: [cluster.address], logLevel: logLevel.NOTHING });
        const transport = kafka({
          client,
          consumer: { maxWaitTimeInMs: 200, sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 500 },
        });
        transports.push(transport);
        return transport;
      },
      async stop() {
        await Promise.all(transports.map(async (transport) => transport.close()));
        cluster.stop();
      },
    };
  },
};

/**
 * Whether `command` is installed. Where all tests have to run, one that is missing is a failure; elsewhere a line says what was
 * left out.
 */
export function isInstalled(command: string, what: string): boolean {
  if (spawnSync(command, ['-h']).error === undefined) return true;
  if (process.env['OFFLOOP_BROKERS'] === 'all') throw new Error(`${command} is not installed`);
  console.warn(`${command} is not installed: left out ${what}`);
  return false;
}

export const hasKafka: boolean = isInstalled('kcat', 'topics over Kafka');
export const hasNats: boolean = isInstalled('nats-server', 'topics over NATS');

/** Those that are installed here. */
export const kinds: readonly BrokerKind[] = [
  inMemory,
  memoryInThread,
  ...(hasNats ? [overNats, natsInThread] : []),
  ...(hasKafka && isFull ? [kafkaBroker] : []),
];

let last = 0;

/** A name that no other topic, group or consumer has. */
export function unique(name: string): string {
  last += 1;
  return `${name}-${process.pid}-${last}`;
}
