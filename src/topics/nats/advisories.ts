/** What JetStream tells of a consumer beside its messages. @module */

import { settled } from '../../streams/run/scope.ts';
import type { NatsMessage, NatsSubscription } from '../../nats/client-types.ts';
import type { Connection } from './connection.ts';
import type { Bound } from './consumer-config.ts';

/** Told of it. */
export interface AdvisoryListener {
  /** The consumer was deleted: whatever it has delivered counts for nothing. */
  deleted(): void;

  /** The server has delivered a message for the last time, and nobody has dealt with it. */
  givenUp(sequence: number, attempt: number): void;
}

/** Listens for advisories. Of those on messages that were given up each goes to one consumer of the group. */
export class Advisories {
  readonly #connection: Connection;
  readonly #listener: AdvisoryListener;
  #subscriptions: readonly NatsSubscription[] = [];
  #isOver = false;

  constructor(connection: Connection, listener: AdvisoryListener) {
    this.#connection = connection;
    this.#listener = listener;
  }

  async open({ stream, name, maxDeliver }: Bound): Promise<void> {
    const { connection } = await this.#connection.open();
    this.#end();
    if (this.#isOver) return;
    const subject = (kind: string): string => `$JS.EVENT.ADVISORY.CONSUMER.${kind}.${stream}.${name}`;
    const deleted = connection.subscribe(subject('DELETED'), {
      callback: (error) => {
        if (!error) this.#listener.deleted();
      },
    });
    this.#subscriptions = [deleted];
    if (maxDeliver === Infinity) return;
    const givenUp = connection.subscribe(subject('MAX_DELIVERIES'), {
      queue: 'offloop',
      callback: (error, message) => {
        if (!error) void settled(() => this.#hear(message));
      },
    });
    this.#subscriptions = [deleted, givenUp];
  }

  /** For good. */
  close(): void {
    this.#isOver = true;
    this.#end();
  }

  #end(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.#subscriptions = [];
  }

  #hear({ data }: NatsMessage): void {
    // Anybody may send one: what is none is not asked for.
    const told = Object(JSON.parse(Buffer.from(data).toString())) as { stream_seq?: unknown; deliveries?: unknown };
    if (isCount(told.stream_seq) && isCount(told.deliveries)) this.#listener.givenUp(told.stream_seq, told.deliveries);
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
