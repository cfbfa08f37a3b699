/** A transport whose client lives in a thread of its own. @module */

import { URL } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { after } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import { argumentError, OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { list, ownOptions } from '../../base/options.ts';
import { move } from '../../codec/memory/move.ts';
import { ThreadPool } from '../../pool/thread-pool.ts';
import { settled } from '../../streams/run/scope.ts';
import type {
  ConsumeListener,
  ConsumeWish,
  Consumption,
  OutgoingMessage,
  Placed,
  Transport,
  TransportAbilities,
} from '../transport.ts';
import { host } from './host.ts';
import { errorOf, Poster } from './messages.ts';
import type { Downward, Upward } from './messages.ts';
import { RemoteConsumer } from './remote-consumer.ts';

/** Options of `inThread`. */
export interface InThreadOptions {
  /** The arguments of the function that the module exports; they are copied. @defaultValue `[]` */
  args?: readonly unknown[] | undefined;
}

interface Waiter {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** How long a thread stays that nobody uses, in milliseconds. It keeps the process alive. */
const idleTime = 1000;

/** The abilities before they are known. */
const unknown: TransportAbilities = {
  durable: false,
  partitions: false,
  orderedRedelivery: false,
  brokerRestart: false,
  times: false,
};

/**
 * The thread, as long as it is used.
 *
 * Invariant: once it has ended, every call is answered and every consumer was told.
 */
class HostThread {
  readonly consumers = new Map<number, RemoteConsumer>();
  readonly poster: Poster<Downward>;
  readonly #port: MessagePort;
  readonly #pool = new ThreadPool({ size: 1, name: 'topics' });
  readonly #calls = new Map<number, Waiter>();
  readonly #onCan: (can: TransportAbilities) => void;
  readonly #onEnd: () => void;
  #lastCall = 0;
  #idle: Later | undefined;
  #error: unknown;
  hasEnded = false;

  constructor(url: string, args: readonly unknown[], on: { can(can: TransportAbilities): void; end(): void }) {
    this.#onCan = on.can;
    this.#onEnd = on.end;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.poster = new Poster<Downward>(port1);
    port1.on('message', (records: readonly Upward[]) => {
      for (const record of records) this.#hear(record);
    });
    void this.#run(port2, url, args);
  }

  /** Asks, and gives the answer. */
  ask<T>(record: (call: number) => Downward): Promise<T> {
    if (this.hasEnded) return Promise.reject(this.#error);
    const call = (this.#lastCall += 1);
    this.use();
    return new Promise<T>((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      this.poster.post(record(call));
    });
  }

  /** It is used. */
  use(): void {
    this.#idle?.cancel();
    this.#idle = undefined;
  }

  /** It may not be used any more. */
  rest(): void {
    if (this.#calls.size > 0 || this.consumers.size > 0 || this.hasEnded) return;
    this.use();
    this.#idle = after(idleTime, () => void this.end());
  }

  async end(): Promise<void> {
    this.use();
    if (!this.hasEnded) this.#over(new OffloopError('ERR_OFFLOOP_CLOSED', 'The transport in a thread was closed'));
    this.poster.post({ tag: 'end' });
    await this.#pool.close();
  }

  async #run(port: MessagePort, url: string, args: readonly unknown[]): Promise<void> {
    const failure = await settled(async () => host.with({ pool: this.#pool })(move(port, [port]), url, args));
    this.#over(failure?.error ?? new OffloopError('ERR_OFFLOOP_CLOSED', 'The transport in a thread has ended'));
    this.#port.close();
    await settled(async () => this.#pool.close());
  }

  #over(error: unknown): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.#error = error;
    this.#onEnd();
    for (const { reject } of this.#calls.values()) reject(error);
    this.#calls.clear();
    for (const consumer of this.consumers.values()) consumer.gone(error);
    this.consumers.clear();
  }

  #hear(record: Upward): void {
    switch (record.tag) {
      case 'can':
        return this.#onCan(record.can);
      case 'answer': {
        const waiter = this.#calls.get(record.call);
        this.#calls.delete(record.call);
        if (record.error) waiter?.reject(errorOf(record.error));
        else waiter?.resolve(record.value);
        return this.rest();
      }
      default:
        return this.consumers.get(record.id)?.hear(record);
    }
  }
}

class InThread implements Transport {
  readonly name = 'thread';
  readonly readsAhead = true;
  readonly #url: string;
  readonly #args: readonly unknown[];
  #can: TransportAbilities | undefined;
  #thread: HostThread | undefined;
  #lastId = 0;

  constructor(url: string, args: readonly unknown[]) {
    this.#url = url;
    this.#args = args;
  }

  get can(): TransportAbilities {
    return this.#can ?? unknown;
  }

  get isKnown(): boolean {
    return this.#can !== undefined;
  }

  send(message: OutgoingMessage, timeout: number): Promise<Placed> {
    return this.#open().ask<Placed>((call) => ({ tag: 'send', call, message, timeout }));
  }

  consume(wish: ConsumeWish, listener: ConsumeListener): Consumption {
    const thread = this.#open();
    const id = (this.#lastId += 1);
    thread.use();
    const consumer = new RemoteConsumer(id, listener, {
      post: (record) => thread.poster.post(record),
      ask: (record) => thread.ask(record),
      left: () => {
        thread.consumers.delete(id);
        thread.rest();
      },
    });
    thread.consumers.set(id, consumer);
    thread.poster.post({ tag: 'consume', id, wish });
    return consumer;
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.end();
  }

  /** A thread that has ended is replaced by the next use. */
  #open(): HostThread {
    if (this.#thread && !this.#thread.hasEnded) return this.#thread;
    const thread: HostThread = new HostThread(this.#url, this.#args, {
      can: (can) => (this.#can = can),
      end: () => {
        if (this.#thread === thread) this.#thread = undefined;
      },
    });
    return (this.#thread = thread);
  }
}

/**
 * A transport whose client is made in a thread of its own, by a module whose default export is a transport, or a function that
 * gives one. There the client goes on while this thread is busy, and keeps its place in the group; messages and
 * acknowledgements cross. The thread begins with the first use, ends a second after the last, and is replaced if it dies: then
 * sends reject with `ERR_OFFLOOP_WORKER_EXIT`, and so do consumers.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `url` is no URL of a file, or an option is unknown.
 *
 * @example
 * ```ts
 * const transport = inThread(new URL('./transport.js', import.meta.url));
 * const orders = topic<Order>('orders', { transport, group: 'billing' });
 * ```
 */
export function inThread(url: URL | string, options: InThreadOptions = {}): Transport {
  const { args = [] } = ownOptions('inThread', options, { args: list });
  const text = String(url);
  if (!URL.canParse(text) || !/^(?:file|data):/.test(text))
    throw argumentError(
      `Cannot make a transport in a thread: expected the URL of a module, such as new URL('./transport.js', import.meta.url), received ${JSON.stringify(text)}`,
    );
  return new InThread(text, args);
}
