/** Sends waiting calls to the threads that can take them. @module */

import type { Call } from '../../call/call.ts';
import type { Backlog } from './backlog.ts';
import { BriefWatch } from './brief-watch.ts';
import { Hopes } from './hopes.ts';
import type { Offers } from '../threads/offers.ts';
import { Placing } from './placing.ts';
import type { PoolThread, Slot } from '../threads/pool-thread.ts';
import type { PoolThreads } from '../threads/pool-threads.ts';
import type { CallQueue } from '../queue.ts';
import { Relief } from './relief.ts';
import { hasRoom, isDone, isTurning } from '../threads/slot.ts';

/**
 * Sends calls of the queues to threads, and takes back those that another thread can start sooner.
 *
 * Invariant: while a call waits that a free thread may run, that thread is not left idle.
 */
export class Feeder {
  readonly relief: Relief;
  readonly placing: Placing;
  readonly hopes: Hopes;

  readonly #threads: PoolThreads;
  readonly #backlog: Backlog;
  readonly #queue: CallQueue;
  readonly #offers: Offers;
  readonly #watch: BriefWatch;

  constructor(threads: PoolThreads, backlog: Backlog) {
    const { queue } = backlog;
    this.#threads = threads;
    this.#backlog = backlog;
    this.#queue = queue;
    this.#offers = threads.offers;
    this.relief = new Relief(threads, queue, this);
    this.placing = new Placing(threads, queue, this.relief);
    this.hopes = new Hopes(threads, queue, this.relief);
    this.#watch = new BriefWatch(threads, (stuck) => {
      if (this.takeBack(stuck)) this.spread();
    });
  }

  /** Sends waiting calls to the threads that can take them, and starts threads for the others. */
  spread(): void {
    for (const slot of this.#threads.places) this.#feed(slot);
    this.#threads.starts.grow(this.#queue.size);
    this.relief.check();
    this.#offers.fill();
  }

  /** Sends waiting calls to the thread of `slot`, as many as it can take, and offers others to all threads. */
  feed(slot: Slot): void {
    this.#feed(slot);
    if (this.#queue.size > 0) this.#offers.fill();
  }

  #feed(slot: Slot): void {
    const { thread } = slot;
    if (
      this.#queue.size === 0 &&
      slot.keyed.size === 0 &&
      slot.successor === undefined &&
      !this.hopes.areLost &&
      !this.placing.hasLoading &&
      thread?.isStale === false &&
      (thread.maxCalls === Infinity || !thread.isSpent)
    ) {
      // As after most answers while no calls wait.
      return;
    }
    if (this.hopes.areLost) this.hopes.weigh();
    if (isTurning(slot)) {
      const isDisturbed = thread ? this.putBack(thread.takeBack()) : false;
      this.#threads.takeOver(slot);
      return isDisturbed ? this.spread() : undefined;
    }
    if (!thread?.isReady || thread.isEnding) return;
    if (thread.lane.load === 0 && isDone(slot, thread)) {
      void this.#threads.release(slot, thread.isStale ? (thread.dueFor ?? 'recycled') : 'calls');
      return this.#threads.starts.grow(this.#queue.size);
    }
    const slower = this.placing.slowerThan(slot, thread);
    if (slower && this.putBack(slower.takeBack())) return this.spread();
    this.#fill(slot, thread);
  }

  /** Sends calls of the queues to `thread`, that of `slot`, as many as it can take. */
  #fill(slot: Slot, thread: PoolThread): void {
    const { lane } = thread;
    for (;;) {
      if (slot.keyed.size === 0 && this.#queue.size === 0) return;
      const call = slot.keyed.peek(this.#queue);
      if (!call) return;
      if (this.#offers.has(call)) return this.#leaveTo(thread, slot, call);
      const isKnown = lane.loads.knows(call.definition);
      if (!thread.isFree && !(hasRoom(slot, call) && (isKnown || slot.isOnly))) return;
      if (!this.relief.mayTake(slot, call)) return this.relief.check();
      slot.keyed.take(this.#queue);
      this.send(isKnown ? slot : (this.placing.freeWith(call) ?? slot), call);
    }
  }

  /** Lets the threads take `call`, the next one for `slot`, by themselves, unless its thread is free and does not have it. */
  #leaveTo(thread: PoolThread, slot: Slot, call: Call): void {
    if (!thread.isFree || this.#offers.reaches(call, thread.lane)) return;
    if (!this.relief.mayTake(slot, call)) return this.relief.check();
    this.#offers.recall();
    this.spread();
  }

  /** Sends `call`, which waits in no queue, to the thread of `slot`. */
  send(slot: Slot, call: Call): void {
    const { thread } = slot;
    if (!thread) return;
    this.relief.took(slot, call);
    call.holder = thread;
    const { lane } = thread;
    const isFirst = !lane.loads.has(call.definition.id);
    if (isFirst && !this.placing.secure(call, lane)) return;
    if (!lane.sender.send(call, isFirst)) return;
    if (isFirst && lane.loads.isLoading) this.placing.hasLoading = true;
    this.sent(slot, thread);
  }

  /** Called when a call was sent to `thread` that it may have to run after others, or that may be its last. */
  sent(slot: Slot, thread: PoolThread): void {
    // Start the replacement now, while the last call runs.
    if (thread.isSpent && !slot.isExtra) this.#threads.starts.replace(slot, 'calls');
    if (thread.lane.load === 2 && thread.lane.calls.areBrief) this.#watch.begin();
  }

  /**
   * Puts calls that were sent and not started back into their queues, before the others. Gives whether others are not
   * offered any more because of that, so that free threads have to be sent calls.
   */
  putBack(calls: readonly Call[]): boolean {
    const wasOffered = calls.length > 0 && this.#offers.recall();
    for (const call of calls.toSorted((a, b) => b.order - a.order)) {
      call.isOffered = this.#offers.isOfferable(call);
      this.#backlog.of(call).unshift(call);
    }
    return wasOffered;
  }

  /** Puts the calls that have not started back into the queues; gives whether free threads have to be sent calls. */
  takeBack(threads: readonly PoolThread[]): boolean {
    const taken = threads.flatMap((thread) =>
      thread.lane.load > 1 || thread.lane.loads.isLoading ? thread.takeBack() : [],
    );
    return this.putBack(taken) || taken.length > 0;
  }
}
