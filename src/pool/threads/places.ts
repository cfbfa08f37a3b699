/** The places of a pool: which thread has which, and which it had before. @module */

import type { Life } from '../../threads/life.ts';
import type { ThreadEndReason } from '../../wire/thread-end.ts';
import type { PoolThread, Slot } from './pool-thread.ts';
import type { QueueListener } from '../queue.ts';
import { emptySlot } from './slot.ts';

/** How many extra places there are at the most. */
export const mostExtras = 64;

/**
 * The places of a pool. Threads come and go; the regular places stay.
 *
 * Invariant: an extra place that a thread has left is gone; a regular one remembers that thread until the next one has
 * taken the place.
 */
export class Places {
  /** The regular places, as many as the pool's `size`; keys are mapped to them. */
  readonly slots: readonly Slot[];

  /** Extra places, for calls that blocked calls wait for. */
  readonly extras: Slot[] = [];

  readonly #listener: QueueListener;
  readonly #life: Life;

  /** `listener` receives the events of the queues of the places; `life` is told of threads that are replaced. */
  constructor(count: number, listener: QueueListener, life: Life) {
    this.#listener = listener;
    this.#life = life;
    const isOnly = count === 1;
    this.slots = Array.from({ length: count }, (_, i) => emptySlot(listener, { number: i + 1, isOnly }));
  }

  /** Adds an extra place, with the first number that none has. */
  addExtra(): Slot {
    const taken = new Set(this.extras.map(({ number }) => number));
    let number = this.slots.length + 1;
    while (taken.has(number)) number += 1;
    const slot = emptySlot(this.#listener, { number, isExtra: true });
    this.extras.push(slot);
    return slot;
  }

  /** Called when `thread` takes the calls of `slot` from now on. */
  taken(slot: Slot, thread: PoolThread): void {
    const { before } = slot;
    slot.before = undefined;
    // A thread that is started later for new calls does not count as the replacement of an idle one.
    if (before && before.reason !== 'idle') this.#life.replaced(thread, before);
  }

  /** Removes `thread` from `slot`; `reason` says why, if it was the present thread. */
  leave(slot: Slot, thread: PoolThread, reason?: ThreadEndReason): void {
    if (slot.successor === thread) slot.successor = undefined;
    if (slot.thread === thread) {
      slot.thread = undefined;
      if (reason) slot.before = { threadId: thread.threadId, reason };
    }
    this.removeExtra(slot);
  }

  /** Removes `slot` if it is an extra place without a thread. */
  removeExtra(slot: Slot): void {
    const at = this.extras.indexOf(slot);
    if (at >= 0 && !slot.thread) this.extras.splice(at, 1);
  }
}
