/** Gathers the writes of a thread on their way to the main side. @module */

import { afterMicrotasks } from '../../base/intrinsics.ts';
import { runningCall } from '../../wait/running-call.ts';
import type { RunningCall } from '../../wait/running-call.ts';
import type { Outcome } from './outcome.ts';
import { Parcels } from './parcels.ts';
import type { Parcel } from './parcels.ts';
import type { Write } from './writes.ts';

/** Sends packed writes to the main side. */
export interface Sending {
  /** Gives the outcome of a write, where it is the first of its message, or another than those before it. */
  outcomeAfter(outcome: Outcome | undefined): Outcome;

  /** Sends the writes of one message, and sees to their outcomes. */
  send(bytes: Uint8Array, outcomes: readonly Outcome[]): void;
}

/**
 * Writes of one turn become one message, or as many as it takes.
 *
 * Invariant: while there are writes that were not sent, they are sent at the end of the turn, before the thread waits, and
 * before the call is answered, whichever is first. There is a parcel then, with these writes.
 */
export class Gathered {
  readonly #sending: Sending;
  readonly #parcels = new Parcels();
  #parcel: Parcel | undefined;
  #outcomes: Outcome[] = [];

  /** The call that will flush before it pauses. */
  #told: RunningCall | undefined;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  /** Adds a write, whose memory may be used again then; gives the promise of it. */
  add(write: Write): Outcome {
    const parcel = this.#parcel?.hasRoomFor(write) ? this.#parcel : this.#parcels.take(write);
    // Copied first: sending may wait for the main side, and who knows what runs meanwhile.
    parcel.add(write);
    if (parcel !== this.#parcel) {
      this.flush();
      this.#begin();
      this.#parcel = parcel;
    }
    const before = this.#outcomes.at(-1);
    const outcome = this.#sending.outcomeAfter(before);
    if (outcome !== before) this.#outcomes.push(outcome);
    return outcome;
  }

  /** Sends the writes that there are. */
  flush(): void {
    const parcel = this.#parcel;
    if (!parcel) return;
    const outcomes = this.#outcomes;
    this.#parcel = undefined;
    this.#outcomes = [];
    try {
      this.#sending.send(parcel.take(), outcomes);
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
