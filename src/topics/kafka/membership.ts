/** The client as a member of its group, which begins anew as often as need be. @module */

import { settled } from '../../streams/run/scope.ts';
import { brokerError } from '../broker-error.ts';
import { pause } from '../../base/pause.ts';
import type { ConsumeWish } from '../transport.ts';
import type { KafkaBatch, KafkaClient, KafkaConsumer } from './client-types.ts';
import { insist, isPassing } from './patience.ts';

/** Told what becomes of the membership. */
export interface Member {
  /** The group has divided the partitions. */
  joined(partitions: readonly number[]): void;

  /** Messages have come. */
  take(batch: KafkaBatch): Promise<void>;

  /** The client has lost its group, and looks for it. */
  lost(error: unknown): void;

  /** Nothing more will come. */
  failed(error: unknown): void;
}

/** How a client begins. */
export interface BeginPlan {
  /** What comes first. */
  prepare(): Promise<void>;

  /** How long the cluster is looked for, in milliseconds. */
  readonly time: number;

  /** Whether nobody waits for it any more. */
  isOver(): boolean;
}

/** How long to wait before a client that has given up begins anew, in milliseconds. */
const breath = 250;

interface Retry {
  readonly restartOnFailure?: (error: Error) => Promise<boolean>;
}

/**
 * Begins the client, and begins it anew after a crash. The client could do so itself, but then nobody would know whether it is
 * just joining its group: one that is told to end meanwhile stays in the group for ever.
 *
 * Invariant: the client is not told to end while it begins.
 */
export class Membership {
  readonly consumer: KafkaConsumer;
  readonly #member: Member;
  #topic = '';
  #beginning: Promise<unknown> | undefined;

  /** Whether the user lets it begin anew after a crash. */
  #mayRestart = true;
  #isEnded = false;

  constructor(client: KafkaClient, options: Readonly<Record<string, unknown>> & { groupId: string }, member: Member) {
    this.#member = member;
    // The default of the client, which does not add it to options that are given.
    const retry = (options['retry'] ?? { retries: 5 }) as Retry;
    const restartOnFailure = async (error: Error): Promise<boolean> => {
      this.#mayRestart = (await retry.restartOnFailure?.(error)) ?? true;
      return false;
    };
    this.consumer = client.consumer({ ...options, retry: { ...retry, restartOnFailure } });
  }

  /** Joins the group. Looks for the cluster for `time` milliseconds, or until `isOver`. */
  begin({ topic, start }: ConsumeWish, { prepare, time, isOver }: BeginPlan): Promise<void> {
    const { consumer } = this;
    this.#topic = topic;
    consumer.on('consumer.group_join', ({ payload }) => this.#joined(payload));
    consumer.on('consumer.crash', ({ payload }) => this.#crashed(payload));
    const connect = async (): Promise<void> => {
      await prepare();
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: start.at !== 'new' });
    };
    return this.#begin(connect, time, () => this.#isEnded || isOver());
  }

  /** Leaves the group. */
  async end(): Promise<void> {
    this.#isEnded = true;
    while (this.#beginning) await this.#beginning;
    await settled(async () => this.consumer.disconnect());
  }

  async #begin(connect: () => Promise<void>, time: number, isOver: () => boolean): Promise<void> {
    const connecting = async (): Promise<void> => {
      const failure = isOver() ? undefined : await settled(connect);
      if (!failure) return;
      // It may take a connection for a good one that has had no answer while it was greeted.
      await settled(async () => this.consumer.disconnect());
      throw failure.error;
    };
    const beginning = (async () => {
      await insist(connecting, time, isOver);
      if (!isOver()) await this.#run();
    })();
    const ended = settled(async () => beginning);
    this.#beginning = ended;
    const failure = await ended;
    if (this.#beginning === ended) this.#beginning = undefined;
    if (failure) throw brokerError(`Cannot consume the topic ${this.#topic}`, failure.error);
  }

  async #run(): Promise<void> {
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (batch) => this.#member.take(batch),
    });
  }

  #joined({ memberAssignment }: Readonly<Record<string, unknown>>): void {
    this.#member.joined((memberAssignment as Record<string, readonly number[]> | undefined)?.[this.#topic] ?? []);
  }

  #crashed({ error, restart }: Readonly<Record<string, unknown>>): void {
    const failure = brokerError(`The consumer of the topic ${this.#topic} has crashed`, error);
    if (restart === false && !(this.#mayRestart && isPassing(error))) return this.#member.failed(failure);
    this.#member.lost(failure);
    if (restart === false) void this.#beginAnew();
  }

  /** However long the cluster is away. */
  async #beginAnew(): Promise<void> {
    const connect = async (): Promise<void> => {
      await pause(breath);
      await this.consumer.connect();
    };
    const failure = await settled(async () => this.#begin(connect, Infinity, () => this.#isEnded));
    if (failure && !this.#isEnded) this.#member.failed(failure.error);
  }
}
