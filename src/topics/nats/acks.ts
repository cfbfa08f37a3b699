/** Acknowledges messages of JetStream, several at a time. @module */

import { after } from '../../base/clock.ts';
import { queueMicrotask, Promise } from '../../base/intrinsics.ts';
import type { Connection } from './connection.ts';
import { pause } from '../../base/pause.ts';
import { askTime } from './patience.ts';

const ackBytes = new TextEncoder().encode('+ACK');

/** Acknowledgements that go out together. */
class Batch {
  readonly replies: string[] = [];

  /** Whether the consumer of the server that has delivered the messages is no more. */
  isVoid = false;
  readonly promise: Promise<void>;
  resolve!: () => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * Acknowledgements of one turn go out together, and only the last one asks for an answer: the server takes what one
 * connection sends in order. If the connection was lost in between, each is sent again with a question of its own.
 *
 * Invariant: the promise of an acknowledgement has resolved only if the server has taken it.
 */
export class Acks {
  readonly #connection: Connection;
  readonly #interval: number;

  /** Those that gather. */
  #waiting: Batch | undefined;

  /** Those that have gone out. */
  #sent: Batch | undefined;

  #failure: { readonly error: unknown } | undefined;

  /** Settles once those that have gone out were confirmed. */
  #out: Promise<void> | undefined;

  constructor(connection: Connection, interval: number) {
    this.#connection = connection;
    this.#interval = interval;
  }

  /** Gives a promise that those share which go out together. */
  add(reply: string): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#waiting) {
      this.#waiting.replies.push(reply);
      return this.#waiting.promise;
    }
    const batch = (this.#waiting = new Batch());
    batch.replies.push(reply);
    // While some are on their way, others gather.
    if (!this.#out) this.#flushSoon();
    return batch.promise;
  }

  /** Sends what waits, and resolves once all is confirmed. */
  async settle(): Promise<void> {
    this.#flush();
    while (this.#out) await this.#out;
  }

  /** Nothing will be confirmed any more, nor what comes later. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.reject(error);
  }

  /** Rejects all that was not confirmed: nobody will. */
  reject(reason: unknown): void {
    for (const batch of [this.#sent, this.#waiting]) {
      if (!batch) continue;
      batch.isVoid = true;
      // To reject one that has resolved does nothing.
      batch.reject(reason);
    }
    this.#waiting = undefined;
  }

  #flushSoon(): void {
    if (this.#interval === 0) return queueMicrotask(() => queueMicrotask(() => this.#flush()));
    const later = after(this.#interval, () => {
      later.letGo();
      this.#flush();
    });
    later.hold();
  }

  #flush(): void {
    const batch = this.#waiting;
    if (!batch || this.#out) return;
    this.#waiting = undefined;
    this.#sent = batch;
    this.#out = this.#confirm(batch).finally(() => {
      this.#sent = undefined;
      this.#out = undefined;
      this.#flush();
    });
  }

  async #confirm(batch: Batch): Promise<void> {
    if (!(await this.#sendTogether(batch.replies)))
      await Promise.all(batch.replies.map(async (reply) => this.#insist(batch, reply)));
    batch.resolve();
  }

  /** Says whether all were taken. */
  async #sendTogether(replies: readonly string[]): Promise<boolean> {
    const { losses } = this.#connection;
    try {
      await this.#connection.ask(async ({ connection }) => {
        const last = replies.length - 1;
        for (let i = 0; i < last; i += 1) connection.publish(replies[i] as string, ackBytes);
        return connection.request(replies[last] as string, ackBytes, { timeout: askTime });
      });
      return this.#connection.losses === losses;
    } catch {
      return false;
    }
  }

  /** Asks until the server has answered, however long it is away, unless that is of no use any more. */
  async #insist(batch: Batch, reply: string): Promise<void> {
    while (!batch.isVoid) {
      try {
        await this.#connection.ask(async ({ connection }) => connection.request(reply, ackBytes, { timeout: askTime }));
        return;
      } catch {
        await pause(100);
      }
    }
  }
}
