/** Acknowledges messages of JetStream, several at a time. @module */

import { after } from '../../base/clock.ts';
import { queueMicrotask, Promise } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import type { NatsConnection } from './client-types.ts';
import { askTime, pause } from './connection.ts';
import type { Connection } from './connection.ts';

const ackBytes = new TextEncoder().encode('+ACK');

/** A message whose acknowledgement was not confirmed. */
interface Ack {
  readonly reply: string;
  resolve(): void;
  reject(reason: unknown): void;
}

/**
 * Acknowledgements of one turn go out together, and only the last one asks for an answer: the server takes what one
 * connection sends in order. If the connection was lost in between, each is sent again with a question of its own.
 *
 * Invariant: an acknowledgement has resolved only if the server has taken it.
 */
export class Acks {
  readonly #connection: Connection;
  readonly #interval: number;
  #waiting: Ack[] = [];

  /** How often the connection was lost, and what is called when it is lost. */
  #losses = 0;
  readonly #onLoss = new Set<() => void>();

  /** The acknowledgements that have gone out and were not confirmed. */
  #out: Promise<void> | undefined;
  #closed: { readonly reason: unknown } | undefined;

  constructor(connection: Connection, interval: number) {
    this.#connection = connection;
    this.#interval = interval;
  }

  add(reply: string): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      // While some are on their way, others gather.
      if (this.#waiting.push({ reply, resolve, reject }) > 1 || this.#out) return;
      if (this.#interval > 0) {
        const later = after(this.#interval, () => {
          later.letGo();
          this.#flush();
        });
        later.hold();
      } else queueMicrotask(() => queueMicrotask(() => this.#flush()));
    });
  }

  /** The connection was lost: what has gone out may not have arrived. */
  lost(): void {
    this.#losses += 1;
    for (const fail of this.#onLoss) fail();
  }

  /** Sends what waits, and resolves once all is confirmed. */
  async settle(): Promise<void> {
    this.#flush();
    while (this.#out) await this.#out;
  }

  /** Rejects the acknowledgements that will not be confirmed any more. */
  close(reason: unknown): void {
    this.#closed = { reason };
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }

  #flush(): void {
    const acks = this.#waiting;
    if (acks.length === 0 || this.#out) return;
    this.#waiting = [];
    this.#out = this.#confirm(acks).finally(() => {
      this.#out = undefined;
      this.#flush();
    });
  }

  async #confirm(acks: readonly Ack[]): Promise<void> {
    const losses = this.#losses;
    if (await this.#sendTogether(acks, losses)) {
      for (const { resolve } of acks) resolve();
      return;
    }
    await Promise.all(acks.map(async (ack) => this.#insist(ack)));
  }

  /** Says whether all were taken. */
  async #sendTogether(acks: readonly Ack[], losses: number): Promise<boolean> {
    try {
      const { connection } = await this.#connection.open();
      const last = acks.length - 1;
      for (let i = 0; i < last; i += 1) connection.publish((acks[i] as Ack).reply, ackBytes);
      await this.#ask(connection, (acks[last] as Ack).reply);
      return this.#losses === losses;
    } catch {
      return false;
    }
  }

  /** Resolves once the server has answered; rejects at once if it is lost. */
  async #ask(connection: NatsConnection, reply: string): Promise<void> {
    const answer = connection.request(reply, ackBytes, { timeout: askTime });
    let fail: () => void = () => undefined;
    const lost = new Promise<never>((_, reject) => (fail = () => reject(new Error('the connection was lost'))));
    this.#onLoss.add(fail);
    try {
      await Promise.race([answer, lost]);
    } finally {
      this.#onLoss.delete(fail);
      // One that comes to nothing later is nobody's error.
      void settled(async () => answer);
    }
  }

  /** Asks until the server has answered, however long it is away, unless the consumer ends. */
  async #insist({ reply, resolve, reject }: Ack): Promise<void> {
    while (!this.#closed) {
      try {
        const { connection } = await this.#connection.open();
        await this.#ask(connection, reply);
        return resolve();
      } catch {
        await pause(100);
      }
    }
    reject(this.#closed.reason);
  }
}
