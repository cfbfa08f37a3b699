/** Adds extra threads when all threads of a pool wait for other calls, so that these can run. @module */

import { after } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import type { Call } from '../../call/call.ts';
import { mostExtras } from '../threads/places.ts';
import type { PoolThreads } from '../threads/pool-threads.ts';
import type { CallQueue } from '../queue.ts';
import type { Slot } from '../threads/pool-thread.ts';

/**
 * How many extra threads there may be for calls at depth 0, of which it is not known that another call waits for them.
 */
const ordinary = 16;

/** How deeply calls may be nested, each in a callback of the one before, while each occupies a thread. */
const deepest = mostExtras - ordinary;

/** How long all threads may wait before a call at depth 0 gets an extra thread, in milliseconds. */
const patience = 20;

/** How soon to check whether a generator has begun to wait for its consumer, in milliseconds; doubled each time. */
const firstLook = 1;

/**
 * Prevents deadlocks between the calls of a pool. A nested call is made by a callback of a running call, which may wait
 * for it: if all threads wait, it gets an extra thread at once. The number of extra threads is bounded by the depth of
 * the nested call, not by the length of the queue, so that one is left for the deepest call. Of the calls at depth 0,
 * one gets an extra thread whenever all threads have waited for a while, because they may wait for that call. A
 * generator that waits for its consumer counts as waiting for the calls that its consumer makes.
 *
 * Invariant: an extra thread runs only such calls.
 */
export class Relief {
  readonly #threads: PoolThreads;
  readonly #queue: CallQueue;
  readonly #feeder: { spread(): void };
  #hasPermit = false;
  #isPatient = false;
  #isLooking = false;
  #pause = firstLook;

  /** `feeder` sends waiting calls to the threads that may take them. */
  constructor(threads: PoolThreads, queue: CallQueue, feeder: { spread(): void }) {
    this.#threads = threads;
    this.#queue = queue;
    this.#feeder = feeder;
  }

  /** Whether the thread of `slot` may be sent `call`. */
  mayTake(slot: Slot, call: Call): boolean {
    return !slot.isExtra || call.depth > 0 || (this.#hasPermit && this.#isStalled());
  }

  /** Whether all threads wait without a timeout, and no extra one can be added for calls at depth 0. */
  get isExhausted(): boolean {
    const { extras, places } = this.#threads;
    return extras.length >= ordinary && places.every(({ thread }) => thread?.lane.isSuspended);
  }

  /** Called when `call` was sent to the thread of `slot`. */
  took(slot: Slot, call: Call): void {
    this.#pause = firstLook;
    // A generator may wait long for its consumer: until then, its extra thread may run further calls, one after the
    // other.
    if (slot.isExtra && call.depth === 0) this.#hasPermit = this.#threads.slots.some(isHeldByConsumer);
  }

  /** Called when a call is the first to wait in the queue: sees soon whether a generator waits for its consumer. */
  begin(): void {
    this.#pause = firstLook;
  }

  /** Checks whether all threads wait while calls are in the queue, and adds an extra thread if so. */
  check(): void {
    const { extras } = this.#threads;
    while (this.#queue.size > 0 && this.#isStalled()) {
      const next = this.#queue.peek() as Call;
      if (next.depth === 0) return this.#bePatient();
      if (extras.some(({ thread }) => thread?.isFree)) return;
      if (extras.length < ordinary + Math.min(next.depth, deepest)) return this.#threads.starts.addExtra();
      if (next.depth <= deepest) return;
      next.abort(deadlock(next));
    }
    // No message tells when a generator begins to wait for its consumer, so check again later.
    if (this.#queue.size > 0 && this.#threads.slots.some(isStreaming)) this.#lookAgain();
  }

  #lookAgain(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    after(this.#pause, () => {
      this.#isLooking = false;
      this.check();
      // An extra thread may be free already, and may take a call now that the others wait.
      if (this.#hasPermit && this.#isStalled()) this.#feeder.spread();
    });
    this.#pause = Math.min(this.#pause * 2, patience);
  }

  /**
   * Whether every thread waits, and none is starting; free extra threads, which may not take every call, do not count.
   */
  #isStalled(): boolean {
    const { slots, extras } = this.#threads;
    if (!slots.every((slot) => slot.thread?.isBlocked ?? this.#isKept(slot))) return false;
    return extras.every(({ thread }) => thread?.isBlocked || thread?.isFree);
  }

  /**
   * Whether `slot` gets no thread because too many are ending, and the next call is a nested one, which cannot wait.
   */
  #isKept(slot: Slot): boolean {
    return (this.#queue.peek()?.depth ?? 0) > 0 && this.#threads.starts.isCrowded(slot);
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
      if (extras.some(({ thread }) => thread?.isFree)) this.#feeder.spread();
      else if (extras.length < ordinary) this.#threads.starts.addExtra();
    });
  }

  /** The calls that occupy the threads. */
  #holders(): (Call | undefined)[] {
    return this.#threads.places.map(({ thread }) => thread?.lane.calls.first);
  }
}

const isStreaming = ({ thread }: Slot): boolean => thread !== undefined && thread.lane.calls.streams > 0;

const isHeldByConsumer = (slot: Slot): boolean => isStreaming(slot) && slot.thread?.isBlocked === true;

function deadlock({ name, depth }: Call): OffloopError {
  const text = `Cannot call ${name}: ${depth} calls wait for each other, and each of them holds a thread`;
  return new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
}
