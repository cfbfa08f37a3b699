/** Gathers the writes of a thread on their way to the main side. @module */

import { afterMicrotasks } from '../../base/intrinsics.ts';
import { runningCall } from '../../wait/running-call.ts';
import type { RunningCall } from '../../wait/running-call.ts';
import type { Outcome } from './outcome.ts';
import { PackedWrites } from './writes.ts';
import type { Write } from './writes.ts';

/** From so many bytes on, writes are sent at once. */
const mostBytes = 64 * 1024;

/** Sends packed writes to the main side. */
export interface Sending {
  /** Gives the outcome of a write, where it is the first of its message, or another than those before it. */
  outcomeAfter(outcome: Outcome | undefined): Outcome;

  /** Sends the writes of one message, and sees to their outcomes. */
  send(bytes: Uint8Array, outcomes: readonly Outcome[]): void;
}

/**
 * Writes of one turn become one message.
 *
 * Invariant: while there are writes that were not sent, they are sent at the end of the turn, before the thread waits, and
 * before the call is answered, whichever is first.
 */
export class Gathered {
  readonly #sending: Sending;
  readonly #writes = new PackedWrites();
  #outcomes: Outcome[] = [];

  /** The call that will flush before it pauses. */
  #told: RunningCall | undefined;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  /** Adds a write; gives the promise of it. */
  add(write: Write): Outcome {
    const before = this.#outcomes.at(-1);
    if (!before) this.#begin();
    const outcome = this.#sending.outcomeAfter(before);
    if (outcome !== before) this.#outcomes.push(outcome);
    this.#writes.add(write);
    if (this.#writes.size >= mostBytes) this.flush();
    return outcome;
  }

  /** Sends the writes that there are. */
  flush(): void {
    const outcomes = this.#outcomes;
    if (outcomes.length === 0) return;
    this.#outcomes = [];
    const bytes = this.#writes.take();
    try {
      this.#sending.send(bytes, outcomes);
    } catch (error) {
      for (const outcome of outcomes) outcome.fail(error);
    }
  }

  #begin(): void {
    afterMicrotasks(() => this.flush());
    const call = runningCall();
    if (!call || call === this.#told) return;
    this.#told = call;
    call.beforePause(() => {
      this.#told = undefined;
      this.flush();
    });
  }
}
