/** Makes an ordered transport of one that may repeat messages and change their order, as a network may. @module */

import type { Transferable } from 'node:worker_threads';
import type { Transport, TransportListener } from './transport.ts';

/**
 * Numbers the messages of `inner`, and delivers each once, in the order in which they were posted. A lost message holds
 * up all that follow, until `inner` delivers it after all: asking for it again is the task of `inner`.
 *
 * Invariant: each message that is kept has a higher number than the message that is due.
 */
export class Sequenced implements Transport {
  readonly #inner: Transport;
  #posted = 0;

  /** The number of the message that is due, and the messages that arrived too early. */
  #due = 0;
  readonly #early = new Map<number, unknown[]>();

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** How many messages wait for a missing one. */
  get early(): number {
    return this.#early.size;
  }

  post(message: unknown[], transfer: readonly Transferable[]): void {
    this.#inner.post([this.#posted, message], transfer);
    // Count after `post`: a message that was refused takes no number.
    this.#posted += 1;
  }

  listen(listener: TransportListener): void {
    this.#inner.listen(this.#inOrder(listener));
  }

  take(listener: TransportListener): boolean {
    const before = this.#due;
    this.#inner.take(this.#inOrder(listener));
    return this.#due !== before;
  }

  hold(): void {
    this.#inner.hold();
  }

  release(): void {
    this.#inner.release();
  }

  close(): void {
    this.#early.clear();
    this.#inner.close();
  }

  /** Wraps `listener`, so that it gets the messages in order. */
  #inOrder({ receive, unreadable }: TransportListener): TransportListener {
    return {
      unreadable,
      receive: ([number, message]) => {
        if ((number as number) < this.#due) return;
        this.#early.set(number as number, message as unknown[]);
        for (let next = this.#early.get(this.#due); next; next = this.#early.get(this.#due)) {
          this.#early.delete(this.#due);
          this.#due += 1;
          receive(next);
        }
      },
    };
  }
}
