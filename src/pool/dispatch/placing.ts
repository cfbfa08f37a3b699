/** Chooses the thread in which a call can start first. @module */

import type { Call } from '../../call/call.ts';
import type { Lane } from '../../call/lane/lane.ts';
import { isResendable } from '../../call/travel.ts';
import type { PoolThreads } from '../threads/pool-threads.ts';
import { goesBefore } from '../queue.ts';
import type { CallQueue } from '../queue.ts';
import type { Relief } from './relief.ts';
import { hasRoom, isTurning, mostBrief } from '../threads/slot.ts';
import type { PoolThread, Slot } from '../threads/pool-thread.ts';

/**
 * Chooses among the places of a pool: loading a module may take seconds, and another thread may have the module.
 *
 * Invariant: a call for which a thread loads the module can be taken back until it starts, if another thread may have
 * the module sooner.
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
   * Gives a place to which `call`, the first of its queue, can be sent at once: a free one whose thread has the module,
   * or else one where the call may wait behind others, or else a free one whose thread has to load the module.
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

  /**
   * A place for `call`, which is plain and brief, while none waits for any place: one whose thread has nothing to do and
   * has the function, or else the one with the fewest brief calls. The short way of {@link placeFor}.
   */
  placeForPlain(call: Call): Slot | undefined {
    const { slots } = this.#threads;
    const { id } = call.definition;
    let best: Slot | undefined;
    let fewest = -1;
    for (let i = 0; i < slots.length; i += 1) {
      const slot = slots[i] as Slot;
      const { thread } = slot;
      if (thread === undefined || slot.keyed.size > 0 || slot.successor?.isReady === true) continue;
      if (thread.isIdleFor(id)) return slot;
      if (fewest < 0) fewest = mostBrief(call);
      // Each further place has to have fewer calls than the best so far.
      if (!thread.takesBrief(id, fewest)) continue;
      best = slot;
      fewest = thread.lane.calls.size;
    }
    return best;
  }

  /** A place whose thread has nothing to do and has the function `id`, while no call waits for any place. */
  placeForLone(id: number): Slot | undefined {
    for (const slot of this.#threads.slots) {
      const { thread } = slot;
      if (thread === undefined || slot.keyed.size > 0 || slot.successor?.isReady === true) continue;
      if (thread.isIdleFor(id)) return slot;
    }
    return undefined;
  }

  /**
   * A free place whose thread has the module of `call`; `undefined` if there is none, or if `call` is bound to a place.
   */
  freeWith(call: Call): Slot | undefined {
    if (call.place !== undefined) return undefined;
    return this.#threads.places.find((slot) => {
      const { thread } = slot;
      if (!thread?.isFree || isTurning(slot) || !thread.lane.loads.knows(call.definition)) return false;
      return this.#relief.mayTake(slot, call);
    });
  }

  /**
   * Gives the thread whose first call can start sooner in `slot`: that thread still loads the module of the call, while
   * the thread of `slot` has the module, is free, and has no call that goes before.
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
   * Copies the arguments of `call`, which will be sent to `lane`, if another thread may have its module sooner, so that
   * the call can be taken back. Gives whether the call can be sent; if copying fails, the call has failed.
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

  /** Whether `call` goes before all calls that wait for `slot` or for any place. */
  #isNextAt({ keyed }: Slot, call: Call): boolean {
    return keyed.isFirst(call) && this.#queue.isFirst(call);
  }
}
