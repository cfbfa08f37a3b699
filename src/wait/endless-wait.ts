/** Waits of threads that nothing is sure to end: found out when the main side has nothing left to do. @module */

import { after } from '../base/clock.ts';
import { shared } from '../base/realm.ts';
import { giveUpLoopWaits, isLoopStirring } from './loop-waits.ts';
import { WaitWord } from './words.ts';

/** What a thread that waits without end keeps alive, but for that. */
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

/** How long to wait for what is under way already, in milliseconds. */
const moment = 2;

const waits = shared('waits of threads', () => {
  const all = new Set<EndlessWait>();
  process.on('beforeExit', () => giveUp(all));
  return all;
});

/** Where a thread sleeps. */
export interface SleepingPlace {
  readonly words: Int32Array;
  readonly at: number;
}

/**
 * The wait of one thread. A thread that blocks does nothing by itself, so that it keeps the process alive no more than a
 * promise would. If the process would end, nobody is left who could end the wait, and it is given up; but those first
 * that others wait for in turn.
 *
 * Invariant: the wire is suspended while, and only while, a wait has begun and not ended.
 */
export class EndlessWait {
  readonly #wire: Suspendable;
  #begun: { readonly call: WaitingCall; readonly place: SleepingPlace; giveUp(): void } | undefined;

  constructor(wire: Suspendable) {
    this.#wire = wire;
  }

  /** The thread waits at `place` for `call`; `giveUp` ends that with an error. */
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

  /** Whether the thread waits still. It wakes by itself as well, and main hears of that only later. */
  get isOn(): boolean {
    const call = this.#begun?.call;
    return call !== undefined && Atomics.load(this.#wire.control, WaitWord.waiting) === call.sentAs;
  }

  /** Whether the thread has been woken, or not fallen asleep yet. */
  get isStirring(): boolean {
    const place = this.#begun?.place;
    return !place || Atomics.load(place.words, place.at) !== Atomics.load(this.#wire.control, WaitWord.sleepsAt);
  }

  /** Whether the process lives on for what the thread does. */
  get isHeld(): boolean {
    return this.#wire.isHeld;
  }

  /** How many calls stand around the one that waits. */
  get depth(): number {
    return this.#begun?.call.depth ?? 0;
  }

  giveUp(): void {
    const begun = this.#begun;
    this.end();
    begun?.giveUp();
  }
}

/** The process would end. */
function giveUp(all: Set<EndlessWait>): void {
  const over = [...all].filter(({ isOn }) => !isOn);
  for (const wait of over) wait.end();
  // What those do now may end the others.
  if (over.some(({ isHeld }) => isHeld)) return;
  const isQuiet = (): boolean => !isLoopStirring() && ![...all].some(({ isStirring }) => isStirring);
  // A thread that slept when it was looked at may have been woken since by one that slept when its own turn came.
  if (!isQuiet() || !isQuiet()) return after(moment, () => undefined).hold();
  if (all.size === 0) return giveUpLoopWaits();
  const deepest = Math.max(...[...all].map(({ depth }) => depth));
  for (const wait of all) if (wait.depth === deepest) wait.giveUp();
}
