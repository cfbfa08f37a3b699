/** Finds waits of threads that will never end, when the main side has nothing left to do, and ends them. @module */

import { after } from '../base/clock.ts';
import { shared } from '../base/realm.ts';
import { giveUpLoopWaits, isLoopStirring } from './loop-waits.ts';
import { WaitWord } from './words.ts';

/** The wire of a thread: while it is suspended, it does not keep the process alive. */
interface Suspendable {
  readonly control: Int32Array;
  readonly isHeld: boolean;
  isSuspended: boolean;
}

/** The call that waits. */
interface WaitingCall {
  readonly depth: number;
  readonly sentAs: number;
  readonly hasClock: boolean;
}

/** How long to let messages arrive and woken threads run before looking again, in milliseconds. */
const moment = 2;

const waits = shared('waits of threads', () => {
  const all = new Set<EndlessWait>();
  process.on('beforeExit', () => giveUp(all));
  return all;
});

/** The word on which a thread sleeps. */
export interface SleepingPlace {
  readonly words: Int32Array;
  readonly at: number;
}

/**
 * The wait of one thread. A blocked thread does nothing by itself, so it keeps the process alive no more than a pending
 * promise would. When the process is about to end, nothing is left that could end the wait, so it is given up: the
 * deepest nested calls first, because outer calls wait for them.
 *
 * Invariant: the wire is suspended while, and only while, a wait has begun and not ended.
 */
export class EndlessWait {
  readonly #wire: Suspendable;
  #begun: { readonly call: WaitingCall; readonly place: SleepingPlace; giveUp(): void } | undefined;

  constructor(wire: Suspendable) {
    this.#wire = wire;
  }

  /** Notes that the thread sleeps at `place` in a wait of `call`; `giveUp` ends the wait with an error. */
  begin(call: WaitingCall, place: SleepingPlace, giveUp: () => void): void {
    if (call.hasClock) return;
    this.#begun = { call, place, giveUp };
    this.#wire.isSuspended = true;
    waits.add(this);
  }

  end(): void {
    if (!this.#begun) return;
    this.#begun = undefined;
    this.#wire.isSuspended = false;
    waits.delete(this);
  }

  /** Whether the thread still waits. A thread that has woken by itself tells the main side only later. */
  get isOn(): boolean {
    const call = this.#begun?.call;
    return call !== undefined && Atomics.load(this.#wire.control, WaitWord.waiting) === call.sentAs;
  }

  /** Whether the thread has been woken, or not fallen asleep yet. */
  get isStirring(): boolean {
    const place = this.#begun?.place;
    return !place || Atomics.load(place.words, place.at) !== Atomics.load(this.#wire.control, WaitWord.sleepsAt);
  }

  /** Whether the thread's work keeps the process alive. */
  get isHeld(): boolean {
    return this.#wire.isHeld;
  }

  /** How deeply the waiting call is nested in other calls. */
  get depth(): number {
    return this.#begun?.call.depth ?? 0;
  }

  giveUp(): void {
    const begun = this.#begun;
    this.end();
    begun?.giveUp();
  }
}

/** Called when the process is about to end. */
function giveUp(all: Set<EndlessWait>): void {
  const over = [...all].filter(({ isOn }) => !isOn);
  for (const wait of over) wait.end();
  // Threads that have woken by themselves may end the waits of others.
  if (over.some(({ isHeld }) => isHeld)) return;
  const isQuiet = (): boolean => !isLoopStirring() && ![...all].some(({ isStirring }) => isStirring);
  // Check twice: during the first check, a thread that was seen asleep may have been woken by one that was seen later.
  if (!isQuiet() || !isQuiet()) return after(moment, () => undefined).hold();
  if (all.size === 0) return giveUpLoopWaits();
  const deepest = Math.max(...[...all].map(({ depth }) => depth));
  for (const wait of all) if (wait.depth === deepest) wait.giveUp();
}
