/** Threads beside those of the pool, where all of them wait for what another call has to bring about. @module */

import { after } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import type { Call } from '../call/call.ts';
import { mostExtras } from './pool-threads.ts';
import type { PoolThreads } from './pool-threads.ts';
import type { CallQueue } from './queue.ts';
import type { Slot } from './pool-thread.ts';

/** How many threads beside those of the pool calls may have that nothing is known to wait for. */
const ordinary = 16;

/** How many calls may wait for each other, each in a callback of the one before, with a thread held by each. */
const deepest = mostExtras - ordinary;

/** How long all threads may wait before a call that nothing is known to wait for is let in, in milliseconds. */
const patience = 20;

/** How soon it is seen whether a generator has begun to wait for its consumer, in milliseconds: later each time. */
const firstLook = 1;

/**
 * Keeps calls that wait for each other from waiting for ever. A call made by a callback of a running call is one that
 * the running one may wait for: where every thread waits, it gets another one at once. Such a call may have as many
 * threads beside the pool's as calls stand around it, so that however many wait in line, one is left for the innermost:
 * the bound is one of depth. Of other calls one is let in whenever all threads have waited for a while, since it might be
 * what they wait for. A generator that waits for its consumer waits for what its consumer calls.
 *
 * Invariant: a thread beside the pool's runs such a call only.
 */
export class Relief {
  readonly #threads: PoolThreads;
  readonly #queue: CallQueue;
  readonly #dispatcher: { spread(): void };
  #hasPermit = false;
  #isPatient = false;
  #isLooking = false;
  #pause = firstLook;

  /** `dispatcher` gives what waits to the threads that may take it. */
  constructor(threads: PoolThreads, queue: CallQueue, dispatcher: { spread(): void }) {
    this.#threads = threads;
    this.#queue = queue;
    this.#dispatcher = dispatcher;
  }

  /** Whether `slot` may be given `call`. */
  mayTake(slot: Slot, call: Call): boolean {
    return !slot.isExtra || call.depth > 0 || (this.#hasPermit && this.#isStalled());
  }

  /** Whether all threads wait without end, and no other one can be had. */
  get isExhausted(): boolean {
    const { extras, places } = this.#threads;
    return extras.length >= ordinary && places.every(({ thread }) => thread?.lane.isSuspended);
  }

  /** `slot` was given `call`. */
  took(slot: Slot, call: Call): void {
    // A generator may wait for its consumer for long: as many calls as come one after the other stand in for its thread.
    this.#pause = firstLook;
    if (slot.isExtra && call.depth === 0) this.#hasPermit = this.#threads.slots.some(isHeldByConsumer);
  }

  /** Sees whether every thread waits while calls do, and adds one if so. */
  check(): void {
    const { extras } = this.#threads;
    while (this.#queue.size > 0 && this.#isStalled()) {
      const next = this.#queue.peek() as Call;
      if (next.depth === 0) return this.#bePatient();
      if (extras.some(({ thread }) => thread?.isFree)) return;
      if (extras.length < ordinary + Math.min(next.depth, deepest)) return this.#threads.addExtra();
      if (next.depth <= deepest) return;
      next.abort(deadlock(next));
    }
    // Nobody says when a generator begins to wait for its consumer.
    if (this.#queue.size > 0 && this.#threads.slots.some(isStreaming)) this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    after(this.#pause, () => {
      this.#isLooking = false;
      this.check();
      // A thread beside the pool's may be free already, and take a call as soon as the others wait.
      if (this.#hasPermit && this.#isStalled()) this.#dispatcher.spread();
    });
    this.#pause = Math.min(this.#pause * 2, patience);
  }

  /** Whether no thread is left, or starting, that does not wait; one that may take nothing does not count. */
  #isStalled(): boolean {
    const { slots, extras } = this.#threads;
    if (!slots.every((slot) => slot.thread?.isBlocked ?? this.#isKept(slot))) return false;
    return extras.every(({ thread }) => thread?.isBlocked || thread?.isFree);
  }

  /** Whether threads that are ending keep another one from `slot`. A call that no other one waits for can wait for that. */
  #isKept(slot: Slot): boolean {
    return (this.#queue.peek()?.depth ?? 0) > 0 && this.#threads.isCrowded(slot);
  }

  #bePatient(): void {
    if (this.#isPatient) return;
    this.#isPatient = true;
    const before = this.#holders();
    after(patience, () => {
      this.#isPatient = false;
      const holders = this.#holders();
      if (!this.#isStalled() || holders.some((call, i) => call !== before[i])) return this.check();
      this.#hasPermit = true;
      const { extras } = this.#threads;
      if (extras.some(({ thread }) => thread?.isFree)) this.#dispatcher.spread();
      else if (extras.length < ordinary) this.#threads.addExtra();
    });
  }

  /** The calls that hold the threads. */
  #holders(): (Call | undefined)[] {
    return this.#threads.places.map(({ thread }) => thread?.lane.calls.first);
  }
}

const isStreaming = ({ thread }: Slot): boolean => thread?.lane.isStreaming === true;

const isHeldByConsumer = (slot: Slot): boolean => isStreaming(slot) && slot.thread?.isBlocked === true;

function deadlock({ name, depth }: Call): OffloopError {
  const text = `Cannot call ${name}: ${depth} calls wait for each other, and each of them holds a thread`;
  return new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
}
