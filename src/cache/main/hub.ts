/** Tells those who have asked for updates of published writes, in any thread; there is one hub for each store. @module */

import { Promise } from '../../base/intrinsics.ts';
import { outside } from '../../context/here.ts';

/** A published write, as bytes. */
export interface Update {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Takes updates for one iterator. */
export interface Subscriber {
  /** Resolves once there is room for the update; a rejection ends the subscription. */
  put(update: Update): Promise<void>;
}

/**
 * Invariant: every subscriber gets the updates in the order in which they were written; the slowest one that blocks
 * bounds those who publish.
 */
export class Hub {
  readonly #subscribers = new Set<Subscriber>();

  /** Settles when everything published so far was delivered. */
  #last: Promise<void> = Promise.resolve();

  /** Whether nobody has asked for updates. */
  get isIdle(): boolean {
    return this.#subscribers.size === 0;
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /**
   * Delivers `updates` once `written` has resolved, after all updates that were published before. Rejects as `written`
   * does.
   */
  async publish(written: Promise<unknown>, updates: readonly Update[]): Promise<void> {
    const before = this.#last;
    // What is kept here must not keep the context of the call that publishes.
    return outside(() => {
      const delivered = this.#deliver(before, written, updates);
      this.#last = delivered.catch(() => undefined);
      return delivered;
    });
  }

  async #deliver(before: Promise<void>, written: Promise<unknown>, updates: readonly Update[]): Promise<void> {
    await Promise.all([written, before]);
    for (const update of updates) await Promise.all([...this.#subscribers].map(async (it) => this.#put(it, update)));
  }

  /** A subscriber that has left, or overflowed, is nobody's error but its own. */
  async #put(subscriber: Subscriber, update: Update): Promise<void> {
    try {
      await subscriber.put(update);
    } catch {
      this.remove(subscriber);
    }
  }
}
