/** Lets calls without a signal be given up together, which share messages with others as calls with a signal cannot. @module */

import { after } from '../base/clock.ts';
import { reasonOf } from '../base/signal.ts';
import { onAbort } from '../codec/live/on-abort.ts';

/** A call, as its group knows it. */
interface Abortable {
  readonly settled: boolean;
  abort(reason: unknown): void;
}

/** How long the calls may go on after the signal was aborted, in milliseconds: they are known to take microseconds. */
const grace = 100;

/** How many calls a group has before it looks for those that have settled. */
const least = 32;

/**
 * The calls of a function that is known to be quick: to abort them at once would cost their thread, where they end by
 * themselves. Those that have not ended a moment after the signal was aborted are given up.
 *
 * Invariant: a group has all of its calls that have not settled, and at most as many others, or {@link least}.
 */
export class CallGroup {
  readonly #signal: AbortSignal;
  #calls: Abortable[] = [];
  #most = least;
  #isHeard = false;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(call: Abortable): void {
    if (!this.#isHeard) {
      this.#isHeard = true;
      onAbort(this.#signal, () => after(grace, () => this.#abort()));
    }
    if (this.#calls.length === this.#most) {
      this.#calls = this.#calls.filter(({ settled }) => !settled);
      this.#most = Math.max(least, 2 * this.#calls.length);
    }
    this.#calls.push(call);
  }

  #abort(): void {
    const reason = reasonOf(this.#signal);
    for (const call of this.#calls.splice(0)) if (!call.settled) call.abort(reason);
  }
}

/** The group of the call that is being made. */
export let joining: CallGroup | undefined;

/** Makes a call of a wrapped function that joins `group`. */
export function callIn(group: CallGroup, call: (...args: unknown[]) => unknown, args: unknown[]): unknown {
  joining = group;
  try {
    return call(...args);
  } finally {
    joining = undefined;
  }
}

/** Gives the group of the call that is being made, which no other call joins. */
export function takeGroup(): CallGroup | undefined {
  const group = joining;
  joining = undefined;
  return group;
}
