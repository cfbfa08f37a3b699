/** Where a call can start first. @module */

import type { Call } from '../call/call.ts';
import type { Lane } from '../call/lane.ts';
import { isResendable } from '../call/travel.ts';
import type { PoolThreads } from './pool-threads.ts';
import { goesBefore } from './queue.ts';
import type { CallQueue } from './queue.ts';
import type { Relief } from './relief.ts';
import { hasRoom, isTurning } from './slot.ts';
import type { PoolThread, Slot } from './pool-thread.ts';

/**
 * Chooses among places: loading a module may take seconds, and another thread may have it.
 *
 * Invariant: a call that a thread loads its module for can be taken back until it starts, if another thread may have it.
 */
export class Placing {
  /** Whether a call was sent to a thread that loads a module for it, as far as is known. */
  hasLoading = false;

  readonly #threads: PoolThreads;
  readonly #queue: CallQueue;
  readonly #relief: Relief;

  constructor(threads: PoolThreads, queue: CallQueue, relief: Relief) {
    this.#threads = threads;
    this.#queue = queue;
    this.#relief = relief;
  }

  /**
   * A place that can be sent `call`, which is the first of its queue, at once: a free one whose thread has its module, or
   * else one in which it may wait, or else a free one whose thread has to load that.
   */
  placeFor(call: Call): Slot | undefined {
    const places = call.place === undefined ? this.#threads.places : [this.#threads.slots[call.place] as Slot];
    let best: Slot | undefined;
    let cold: Slot | undefined;
    for (const slot of places) {
      const { thread } = slot;
      if (thread?.isFree) {
        if (isTurning(slot) || !this.#relief.mayTake(slot, call)) continue;
        if (thread.lane.loads.knows(call.definition)) return slot;
        cold ??= slot;
      } else if (this.#isNextAt(slot, call) && hasRoom(slot, call) && this.#relief.mayTake(slot, call)) {
        if (!best || (thread?.lane.load ?? 0) < (best.thread?.lane.load ?? 0)) best = slot;
      }
    }
    return best && (best.isOnly || best.thread?.lane.loads.knows(call.definition)) ? best : cold;
  }

  /** A free place whose thread has the module of `call`, if that may run in any. */
  freeWith(call: Call): Slot | undefined {
    if (call.place !== undefined) return undefined;
    return this.#threads.places.find((slot) => {
      const { thread } = slot;
      if (!thread?.isFree || isTurning(slot) || !thread.lane.loads.knows(call.definition)) return false;
      return this.#relief.mayTake(slot, call);
    });
  }

  /**
   * The thread from which the first call is to be taken back, since it loads the module of that, and the thread of `slot`
   * has it, has time for it now, and has nothing to do that goes before it.
   */
  slowerThan(slot: Slot, own: PoolThread): PoolThread | undefined {
    if (!this.hasLoading) return undefined;
    this.hasLoading = false;
    const { lane } = own;
    let next = slot.keyed.peek(this.#queue);
    let slower: PoolThread | undefined;
    for (const { thread } of this.#threads.places) {
      if (!thread?.isServing || !thread.lane.loads.isLoading || thread.lane.load === 0) continue;
      this.hasLoading = true;
      const call = thread.lane.calls.first as Call;
      if (call.place !== undefined || !lane.loads.knows(call.definition) || !this.#relief.mayTake(slot, call)) continue;
      if (!own.isFree && !hasRoom(slot, call)) continue;
      if (!next || goesBefore(call, next)) [slower, next] = [thread, call];
    }
    return slower;
  }

  /**
   * Copies what `call`, which is to be sent to `lane`, has to give away, if another thread may have its module sooner.
   * Says whether it can be sent; if it cannot be copied, it has failed.
   */
  secure(call: Call, lane: Lane): boolean {
    if (isResendable(call) || lane.loads.knows(call.definition)) return true;
    const isElsewhere = ({ thread }: Slot): boolean =>
      thread !== undefined && thread.lane !== lane && thread.lane.loads.willKnow(call.definition);
    if (!this.#threads.places.some(isElsewhere)) return true;
    try {
      call.lent?.spare();
      return true;
    } catch (error) {
      call.fail(error);
      return false;
    }
  }

  /** Whether `call` goes before all that waits for `slot`, be it for this one or for any. */
  #isNextAt({ keyed }: Slot, call: Call): boolean {
    return keyed.isFirst(call) && this.#queue.isFirst(call);
  }
}
