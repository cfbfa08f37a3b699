/** The records between the two ends of a transport in a thread, many to a message. @module */

import type { MessagePort } from 'node:worker_threads';
import { queueMicrotask } from '../../base/intrinsics.ts';
import { fromBytes, toBytes } from '../../codec/bytes/bytes.ts';
import type { ConsumeWish, IncomingMessage, OutgoingMessage, StartPosition, TransportAbilities } from '../transport.ts';

/** An error in bytes, with its class and code. */
export type ErrorBytes = Uint8Array;

/** To the thread. `call` is the number by which it is answered, `id` that of a consumer. */
export type Downward =
  | { readonly tag: 'send'; readonly call: number; readonly message: OutgoingMessage; readonly timeout: number }
  | { readonly tag: 'consume'; readonly id: number; readonly wish: ConsumeWish }
  | { readonly tag: 'request'; readonly id: number; readonly count: number }
  | { readonly tag: 'ack'; readonly id: number; readonly call: number; readonly deliveries: readonly number[] }
  | { readonly tag: 'nack'; readonly id: number; readonly delivery: number; readonly delay: number }
  | { readonly tag: 'seek'; readonly id: number; readonly call: number; readonly start: StartPosition }
  | { readonly tag: 'stop'; readonly id: number; readonly call: number; readonly untaken: readonly number[] }
  | { readonly tag: 'close'; readonly id: number; readonly call: number }
  | { readonly tag: 'end' };

/** From the thread. */
export type Upward =
  | { readonly tag: 'can'; readonly can: TransportAbilities }
  | { readonly tag: 'answer'; readonly call: number; readonly value?: unknown; readonly error?: ErrorBytes }
  | { readonly tag: 'ready'; readonly id: number; readonly error?: ErrorBytes }
  | { readonly tag: 'deliver'; readonly id: number; readonly message: IncomingMessage }
  | { readonly tag: 'undelivered'; readonly id: number; readonly message: IncomingMessage }
  | { readonly tag: 'gone'; readonly id: number; readonly deliveries: readonly number[] }
  | { readonly tag: 'restarted'; readonly id: number }
  | { readonly tag: 'trouble'; readonly id: number; readonly error: ErrorBytes }
  | { readonly tag: 'failed'; readonly id: number; readonly error: ErrorBytes }
  | { readonly tag: 'connected'; readonly id: number; readonly isConnected: boolean };

/** Posts the records of one turn together. */
export class Poster<T> {
  readonly #port: MessagePort;
  #records: T[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
  }

  post(record: T): void {
    if (this.#records.push(record) === 1) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const records = this.#records;
    this.#records = [];
    if (records.length > 0) this.#port.postMessage(records);
  }
}

/** An error on its way; of one that cannot cross, its text. */
export function bytesOf(error: unknown): ErrorBytes {
  try {
    return toBytes(error);
  } catch {
    return toBytes(new Error(error instanceof Error ? error.message : String(error)));
  }
}

export function errorOf(bytes: ErrorBytes): unknown {
  return fromBytes(bytes);
}
