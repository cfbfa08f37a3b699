/** Decides whether a call is sent to a thread at once, and to which. @module */

import type { Call } from '../../call/call.ts';
import { shortCost } from '../../wire/cost.ts';
import type { Backlog } from './backlog.ts';
import type { Feeder } from './feeder.ts';
import type { Offers } from '../threads/offers.ts';
import type { Placing } from './placing.ts';
import type { PoolThread } from '../threads/pool-thread.ts';
import type { PoolThreads } from '../threads/pool-threads.ts';
import type { CallQueue } from '../queue.ts';
import { placeForKey } from '../threads/slot.ts';

/** While calls wait, results are read after so many submitted calls. */
const callsPerLook = 64;

/**
 * Takes the calls of a pool: strictly first come, first served within a priority.
 *
 * Invariant: a call is sent at once only if none waits that goes before it.
 */
export class Dispatcher {
  readonly #threads: PoolThreads;
  readonly #backlog: Backlog;
  readonly #feeder: Feeder;
  readonly #queue: CallQueue;
  readonly #placing: Placing;
  readonly #offers: Offers;
  #order = 0;

  constructor(threads: PoolThreads, backlog: Backlog, feeder: Feeder) {
    this.#threads = threads;
    this.#backlog = backlog;
    this.#feeder = feeder;
    this.#queue = backlog.queue;
    this.#placing = feeder.placing;
    this.#offers = threads.offers;
  }

  /** Takes a call. */
  submit(call: Call): void {
    const { key, priority } = call.plan;
    call.order = this.#order += 1;
    // Most calls come while none waits and a thread is idle: these take a short way.
    const isFirst = key === undefined && priority === 0 && call.depth === 0 && this.#queue.size === 0;
    if (isFirst && call.place === undefined && this.#backlog.maxQueue === Infinity) {
      const isBrief = call.isPlain && call.definition.learnt.cost < shortCost && call.stream === undefined;
      const slot = isBrief ? this.#placing.placeForPlain(call) : this.#placing.placeForLone(call.definition.id);
      if (slot) {
        const thread = slot.thread as PoolThread;
        const { lane } = thread;
        call.holder = thread;
        if (isBrief) lane.plain.send(call, call.caller.at);
        else if (!lane.sender.send(call, false)) return;
        if (lane.calls.size === 2 || thread.maxCalls !== Infinity) this.#feeder.sent(slot, thread);
        return;
      }
    }
    this.#offers.settle();
    if (this.#order % callsPerLook === 0 && this.#queue.size > 0) this.#look();
    if (key !== undefined) call.place = placeForKey(key, this.#threads.slots.length);
    // The thread of its key may be blocked by the very call that waits for this one: let any thread run it.
    if (call.depth > 0 && call.place !== undefined && this.#threads.slots[call.place]?.thread?.isBlocked)
      call.place = undefined;
    const isSpecial = priority !== 0 || call.depth > 0;
    const wasOffered =
      this.#offers.count > 0 && (isSpecial || !this.#offers.isOfferable(call)) && this.#offers.recall();
    const isDisturbed = (isSpecial && this.#feeder.takeBack(this.#threads.present)) || wasOffered;
    const slot = this.#backlog.of(call).isFirst(call) ? this.#placing.placeFor(call) : undefined;
    // A call that is sent behind others counts as waiting, too.
    if (call.depth === 0 && !slot?.thread?.isFree && this.#backlog.room === 0) this.#backlog.refuse(call);
    else if (slot) this.#feeder.send(slot, call);
    else this.#line(call);
    // A thread whose calls were all taken back sends no answer that would trigger `feed`, and would stay idle.
    if (isDisturbed) this.#feeder.spread();
  }

  /**
   * Called when a running call begins to wait for a callback: calls behind it, and nested ones, move to other threads.
   */
  waits(thread: PoolThread): void {
    const { slot } = thread;
    const nested = slot.keyed.takeNested();
    if (nested.length > 0) this.#offers.recall();
    for (const call of nested) {
      call.place = undefined;
      this.#queue.push(call);
    }
    const feeder = this.#feeder;
    if ((thread.lane.load > 1 && feeder.takeBack([thread])) || nested.length > 0) feeder.spread();
    else feeder.relief.check();
    if (thread.lane.isSuspended) feeder.hopes.weigh();
  }

  #line(call: Call): void {
    try {
      call.lent?.keep();
    } catch (error) {
      return call.fail(error);
    }
    const { relief } = this.#feeder;
    if (this.#queue.size === 0) relief.begin();
    call.isOffered = this.#offers.isOfferable(call);
    this.#backlog.of(call).push(call);
    this.#threads.starts.grow(this.#queue.size);
    relief.check();
    this.#offers.fill();
  }

  /**
   * Reads results in the middle of a turn that makes many calls, so that further calls can be sent instead of queued.
   */
  #look(): void {
    for (const { lane } of this.#threads.present) if (lane.calls.areBrief) lane.catchUp();
  }
}
