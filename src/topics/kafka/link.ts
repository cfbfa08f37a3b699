/** The producer of a client, which is connected anew when the client has lost its way. @module */

import { Promise } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import { within } from '../../base/pause.ts';
import { choosing } from './choice.ts';
import type { KafkaClient, KafkaOutgoing, KafkaProducer } from './client-types.ts';
import { closeTime, isPassing } from './patience.ts';

/** Where messages were stored, as the client tells. */
export type Stored = Awaited<ReturnType<KafkaProducer['send']>>;

/**
 * A client whose connection got no answer while it was greeted takes it for a good one, and fails from then on, whatever
 * becomes of the cluster. So after each failure it is connected anew. The producer stays the same, and goes on with the numbers
 * that it gives to messages.
 *
 * Invariant: nothing is on its way while the producer is connected anew.
 */
export class ProducerLink {
  readonly #client: KafkaClient;
  readonly #options: Readonly<Record<string, unknown>>;
  #producer: KafkaProducer | undefined;

  /** The producer once it is connected; `undefined` if it has to be. */
  #connecting: Promise<KafkaProducer> | undefined;
  #sending = 0;
  readonly #onRest = new Set<() => void>();

  constructor(client: KafkaClient, options: Readonly<Record<string, unknown>>) {
    this.#client = client;
    this.#options = options;
  }

  /** Whether there is a producer, which knows the numbers that it has given. */
  get isThere(): boolean {
    return this.#producer !== undefined;
  }

  /** Rejects with what the client says; what has failed may go well if it is sent again. */
  async send(topic: string, messages: readonly KafkaOutgoing[]): Promise<Stored> {
    while (!this.#connecting && this.#sending > 0) await new Promise<void>((resolve) => this.#onRest.add(resolve));
    const connecting = (this.#connecting ??= this.#connect());
    try {
      return await this.#send(await connecting, topic, messages);
    } catch (error) {
      if (this.#connecting === connecting && isPassing(error)) this.#connecting = undefined;
      throw error;
    }
  }

  /** Ends the producer; a client that takes its time goes on with that by itself. */
  async close(): Promise<void> {
    const [producer, connecting] = [this.#producer, this.#connecting];
    this.#producer = undefined;
    this.#connecting = undefined;
    if (!producer) return;
    const closing = settled(async () => {
      // One that is being connected meanwhile would stay.
      await settled(() => connecting);
      await producer.disconnect();
    });
    await within(closeTime, closing);
  }

  async #send(producer: KafkaProducer, topic: string, messages: readonly KafkaOutgoing[]): Promise<Stored> {
    this.#sending += 1;
    try {
      return await producer.send({ topic, messages, acks: -1 });
    } finally {
      this.#sending -= 1;
      if (this.#sending === 0) this.#rest();
    }
  }

  async #connect(): Promise<KafkaProducer> {
    const before = this.#producer;
    if (before) await settled(async () => before.disconnect());
    const createPartitioner = choosing(this.#options['createPartitioner']);
    const producer = (this.#producer ??= this.#client.producer({ ...this.#options, createPartitioner }));
    await producer.connect();
    return producer;
  }

  #rest(): void {
    for (const go of this.#onRest) go();
    this.#onRest.clear();
  }
}
