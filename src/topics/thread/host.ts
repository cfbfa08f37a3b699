/** The thread's end of a transport that lives in a thread of its own. @module */

import type { MessagePort } from 'node:worker_threads';
import { argumentError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { threaded } from '../../wrappers/threaded.ts';
import type { Threaded } from '../../wrappers/types.ts';
import { checkAbility } from '../position.ts';
import type { Consumption, ConsumeListener, Transport } from '../transport.ts';
import { bytesOf, Poster } from './messages.ts';
import type { Downward, Upward } from './messages.ts';

/**
 * Makes the transport that the module at `url` exports, and does what comes through `port`, until it is told to end. Its
 * thread is its own.
 */
export const host: Threaded<(port: MessagePort, url: string, args: readonly unknown[]) => Promise<void>> = threaded(
  async function host(port: MessagePort, url: string, args: readonly unknown[]): Promise<void> {
    const transport = await load(url, args);
    const serving = new Host(transport, port);
    await serving.ended;
    await transport.close();
    port.close();
  },
  { name: 'offloop.topics.host' },
);

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the module exports no transport. */
async function load(url: string, args: readonly unknown[]): Promise<Transport> {
  const module = (await import(url)) as { readonly default?: unknown };
  const made: unknown = typeof module.default === 'function' ? await module.default(...args) : module.default;
  const transport = made as Partial<Transport> | null | undefined;
  if (typeof transport?.send === 'function' && typeof transport.consume === 'function') return transport as Transport;
  throw argumentError(`Cannot use ${url} as a transport: expected its default export to be one, or to give one`);
}

/** Answers records, many of which come in a message. */
class Host {
  readonly ended: Promise<void>;
  readonly #transport: Transport;
  readonly #poster: Poster<Upward>;
  readonly #consumers = new Map<number, Consumption>();
  #end!: () => void;

  constructor(transport: Transport, port: MessagePort) {
    this.#transport = transport;
    this.#poster = new Poster<Upward>(port);
    this.ended = new Promise((resolve) => (this.#end = resolve));
    // Messages that have crossed already come before those that are handed back.
    this.#poster.post({ tag: 'can', can: { ...transport.can, orderedRedelivery: false } });
    port.on('message', (records: readonly Downward[]) => {
      for (const record of records) this.#do(record);
    });
    port.once('close', () => this.#end());
  }

  #do(record: Downward): void {
    switch (record.tag) {
      case 'send':
        return this.#answer(record.call, () => this.#transport.send(record.message, record.timeout));
      case 'consume':
        return this.#consume(record);
      case 'end':
        return this.#end();
      default:
        break;
    }
    const consumer = this.#consumers.get(record.id);
    switch (record.tag) {
      case 'request':
        return consumer?.request(record.count);
      case 'nack':
        return consumer?.nack(record.delivery, record.delay);
      case 'ack':
        return this.#answer(record.call, async () => {
          await Promise.all(record.deliveries.map(async (delivery) => consumer?.ack(delivery)));
        });
      case 'seek':
        return this.#answer(record.call, async () => consumer?.seek(record.start));
      case 'stop':
        return this.#answer(record.call, async () => consumer?.stop(record.untaken));
      default:
        return this.#answer(record.call, async () => {
          this.#consumers.delete(record.id);
          await consumer?.close();
        });
    }
  }

  #consume({ id, wish }: Extract<Downward, { tag: 'consume' }>): void {
    const listener: ConsumeListener = {
      deliver: (messages) => {
        for (const message of messages) this.#poster.post({ tag: 'deliver', id, message });
      },
      undelivered: (message) => this.#poster.post({ tag: 'undelivered', id, message }),
      gone: (deliveries) => this.#poster.post({ tag: 'gone', id, deliveries }),
      restarted: () => this.#poster.post({ tag: 'restarted', id }),
      trouble: (error) => this.#poster.post({ tag: 'trouble', id, error: bytesOf(error) }),
      connected: (isConnected) => this.#poster.post({ tag: 'connected', id, isConnected }),
      failed: (error) => this.#poster.post({ tag: 'failed', id, error: bytesOf(error) }),
    };
    void this.#begin(id, () => {
      checkAbility('consume', wish.start, this.#transport);
      const consumer = this.#transport.consume(wish, listener);
      this.#consumers.set(id, consumer);
      return consumer.ready;
    });
  }

  async #begin(id: number, begin: () => PromiseLike<void> | undefined): Promise<void> {
    try {
      await begin();
      this.#poster.post({ tag: 'ready', id });
    } catch (error) {
      this.#poster.post({ tag: 'ready', id, error: bytesOf(error) });
    }
  }

  #answer(call: number, run: () => Promise<unknown>): void {
    void this.#answerLater(call, run);
  }

  async #answerLater(call: number, run: () => Promise<unknown>): Promise<void> {
    try {
      this.#poster.post({ tag: 'answer', call, value: await run() });
    } catch (error) {
      this.#poster.post({ tag: 'answer', call, error: bytesOf(error) });
    }
  }
}
