/** Throws an error at a generator that is ahead of its consumer, and drops the items from before. @module */

import type { ItemLink } from '../call-stream.ts';
import type { Inbox } from '../inbox.ts';
import { RingWord } from '../ring/ring.ts';

/** The error of one `throw()`, on its way to the generator. */
export class Raise {
  readonly #link: ItemLink<unknown>;
  readonly #inbox: Inbox;
  readonly #header: Int32Array;
  #isSent = false;

  /** Whether the generator has received the error. Until then, the items that arrive are from before. */
  #isReceived = false;

  constructor(link: ItemLink<unknown>, inbox: Inbox, header: Int32Array) {
    this.#link = link;
    this.#inbox = inbox;
    this.#header = header;
  }

  get isReceived(): boolean {
    return this.#isReceived;
  }

  /** Sends `error`, unless it was sent. */
  send(error: unknown): void {
    if (this.#isSent) return;
    this.#isSent = true;
    this.#link.raise(undefined, error);
  }

  /**
   * Drops the items from before. Gives whether the generator has received the error: then the next item, or the end, is
   * the result of `throw()`.
   */
  dropBefore(): boolean {
    if (this.#isReceived) return true;
    const header = this.#header;
    // Count first, and then check `thrown`: the items counted here were certainly produced before the error was
    // received.
    const { next, size } = this.#inbox;
    const isReceived = Atomics.load(header, RingWord.thrown) !== 0;
    this.#inbox.dropTo(isReceived ? Atomics.load(header, RingWord.thrownAt) : (next + size) | 0);
    this.#link.tookSome();
    if (!isReceived) return false;
    Atomics.store(header, RingWord.thrown, 0);
    this.#isReceived = true;
    return true;
  }
}
