/** Acknowledges messages of JetStream, several at a time. @module */

import { after } from '../../base/clock.ts';
import { queueMicrotask, Promise } from '../../base/intrinsics.ts';
import type { Connection } from './connection.ts';
import { askTime, pause } from './patience.ts';

const ackBytes = new TextEncoder().encode('+ACK');

/** A message whose acknowledgement was not confirmed. */
interface Ack {
  readonly reply: string;

  /** Whether the consumer of the server that has delivered it is no more. */
  isVoid: boolean;
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

  /** Those that have gone out. */
  #sent: readonly Ack[] = [];

  /** The acknowledgements that have gone out and were not confirmed. */
  #out: Promise<void> | undefined;

  constructor(connection: Connection, interval: number) {
    this.#connection = connection;
    this.#interval = interval;
  }

  add(reply: string): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      // While some are on their way, others gather.
      const ack = { reply, isVoid: false, resolve, reject };
      if (this.#waiting.push(ack) > 1 || this.#out) return;
      if (this.#interval > 0) {
        const later = after(this.#interval, () => {
          later.letGo();
          this.#flush();
        });
        later.hold();
      } else queueMicrotask(() => queueMicrotask(() => this.#flush()));
    });
  }

  /** Sends what waits, and resolves once all is confirmed. */
  async settle(): Promise<void> {
    this.#flush();
    while (this.#out) await this.#out;
  }

  /** Rejects all that was not confirmed: nobody will. */
  reject(reason: unknown): void {
    const all = [...this.#sent, ...this.#waiting];
    this.#waiting = [];
    // To reject one that has resolved does nothing.
    for (const ack of all) {
      ack.isVoid = true;
      ack.reject(reason);
    }
  }

  #flush(): void {
    const acks = this.#waiting;
    if (acks.length === 0 || this.#out) return;
    this.#waiting = [];
    this.#sent = acks;
    this.#out = this.#confirm(acks).finally(() => {
      this.#sent = [];
      this.#out = undefined;
      this.#flush();
    });
  }

  async #confirm(acks: readonly Ack[]): Promise<void> {
    if (await this.#sendTogether(acks)) {
      for (const { resolve } of acks) resolve();
      return;
    }
    await Promise.all(acks.map(async (ack) => this.#insist(ack)));
  }

  /** Says whether all were taken. */
  async #sendTogether(acks: readonly Ack[]): Promise<boolean> {
    const { losses } = this.#connection;
    try {
      await this.#connection.ask(async ({ connection }) => {
        const last = acks.length - 1;
        for (let i = 0; i < last; i += 1) connection.publish((acks[i] as Ack).reply, ackBytes);
        return connection.request((acks[last] as Ack).reply, ackBytes, { timeout: askTime });
      });
      return this.#connection.losses === losses;
    } catch {
      return false;
    }
  }

  /** Asks until the server has answered, however long it is away, unless that is of no use any more. */
  async #insist(ack: Ack): Promise<void> {
    while (!ack.isVoid) {
      try {
        await this.#connection.ask(async ({ connection }) =>
          connection.request(ack.reply, ackBytes, { timeout: askTime }),
        );
        return ack.resolve();
      } catch {
        await pause(100);
      }
    }
  }
}
