/** This side's end of a consumer whose client lives in another thread. @module */

import { Promise, queueMicrotask } from '../../base/intrinsics.ts';
import type { ConsumeListener, Consumption, StartPosition } from '../transport.ts';
import { errorOf } from './messages.ts';
import type { Downward, Upward } from './messages.ts';

/** The way to the thread. */
export interface Way {
  post(record: Downward): void;
  ask(record: (call: number) => Downward): Promise<unknown>;

  /** The consumer is over. */
  left(): void;
}

type Heard = Exclude<Upward, { readonly tag: 'can' | 'answer' }>;

/**
 * Passes everything on; the acknowledgements of one turn go together.
 *
 * Invariant: what was acknowledged has resolved only if the thread has said so.
 */
export class RemoteConsumer implements Consumption {
  readonly ready: Promise<void>;
  readonly #id: number;
  readonly #listener: ConsumeListener;
  readonly #way: Way;
  #begin!: { resolve(): void; reject(reason: unknown): void };
  #isGone = false;
  #acks: number[] = [];
  #acking: Promise<void> | undefined;

  constructor(id: number, listener: ConsumeListener, way: Way) {
    this.#id = id;
    this.#listener = listener;
    this.#way = way;
    this.ready = new Promise((resolve, reject) => (this.#begin = { resolve, reject }));
  }

  hear(record: Heard): void {
    switch (record.tag) {
      case 'deliver':
        return this.#listener.deliver([record.message]);
      case 'undelivered':
        return this.#listener.undelivered(record.message);
      case 'gone':
        return this.#listener.gone(record.deliveries);
      case 'restarted':
        return this.#listener.restarted();
      case 'trouble':
        return this.#listener.trouble(errorOf(record.error));
      case 'connected':
        return this.#listener.connected(record.isConnected);
      case 'failed':
        return this.#listener.failed(errorOf(record.error));
      default:
        return record.error ? this.#begin.reject(errorOf(record.error)) : this.#begin.resolve();
    }
  }

  /** The thread has ended. */
  gone(error: unknown): void {
    this.#isGone = true;
    this.#begin.reject(error);
    this.#listener.failed(error);
  }

  request(count: number): void {
    this.#way.post({ tag: 'request', id: this.#id, count });
  }

  ack(delivery: number): Promise<void> {
    this.#acks.push(delivery);
    return (this.#acking ??= this.#ackAll());
  }

  nack(delivery: number, delay: number): void {
    this.#way.post({ tag: 'nack', id: this.#id, delivery, delay });
  }

  async seek(start: StartPosition): Promise<void> {
    await this.#way.ask((call) => ({ tag: 'seek', id: this.#id, call, start }));
  }

  async stop(untaken: readonly number[]): Promise<void> {
    // With its thread it has handed back everything.
    if (!this.#isGone) await this.#way.ask((call) => ({ tag: 'stop', id: this.#id, call, untaken }));
  }

  async close(): Promise<void> {
    try {
      if (!this.#isGone) await this.#way.ask((call) => ({ tag: 'close', id: this.#id, call }));
    } finally {
      this.#way.left();
    }
  }

  async #ackAll(): Promise<void> {
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    const deliveries = this.#acks;
    this.#acks = [];
    this.#acking = undefined;
    await this.#way.ask((call) => ({ tag: 'ack', id: this.#id, call, deliveries }));
  }
}
