/** Hands messages back to the server. @module */

import { setImmediate } from '../../base/clock.ts';
import { settled } from '../../streams/run/scope.ts';
import type { Connection } from './connection.ts';
import type { Held } from './held.ts';
import { nakOf } from './messages.ts';

/**
 * Messages of one turn, as when a stream ends, are handed back in order; so are those that come back while a consumer is left.
 *
 * Invariant: while it is kept, nothing is handed back but what has to wait.
 */
export class Returns {
  readonly #connection: Connection;
  #waiting: Held[] = [];
  #isDue = false;
  #isKept = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(held: Held, delay: number): void {
    if (delay > 0) return this.#nak(held, delay);
    this.#waiting.push(held);
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (!this.#isKept) this.flush();
    });
  }

  /** Keeps what comes back until `flush()`. */
  keep(): void {
    this.#isKept = true;
  }

  flush(): void {
    this.#isKept = false;
    const returned = this.#waiting.toSorted((a, b) => a.sequence - b.sequence);
    this.#waiting = [];
    for (const held of returned) this.#nak(held, 0);
  }

  /** The messages are not the consumer's any more. */
  clear(): void {
    this.#waiting = [];
  }

  #nak({ reply }: Held, delay: number): void {
    void settled(async () => {
      const { connection } = await this.#connection.open();
      connection.publish(reply, nakOf(delay));
    });
  }
}
