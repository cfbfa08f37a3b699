/** Makes a transport of one that may repeat messages and change their order, as a network may. @module */

import type { Transferable } from 'node:worker_threads';
import type { Transport, TransportListener } from './transport.ts';

/**
 * Numbers the messages of `inner`: each is given once, in the order in which they were posted, however they arrive. One
 * that is lost holds up all that follow, until `inner` delivers it after all: to ask for it again is for who knows the
 * network.
 *
 * Invariant: what is kept has a higher number than the message that is due.
 */
export class Sequenced implements Transport {
  readonly #inner: Transport;
  #posted = 0;

  /** The number of the message that is due, and those that came before it was. */
  #due = 0;
  readonly #early = new Map<number, unknown[]>();

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** How many messages wait for one that is missing. */
  get early(): number {
    return this.#early.size;
  }

  post(message: unknown[], transfer: readonly Transferable[]): void {
    this.#inner.post([this.#posted, message], transfer);
    // Only what was posted has a number.
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

  /** Gives `listener` what is due. */
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
