/** The calls of `init` and `teardown`, which only one thread can run. @module */

import type { Call } from '../../call/call.ts';
import type { Lane } from '../../call/lane/lane.ts';
import { exitError } from '../../wire/exit-error.ts';
import type { ThreadEnd } from '../../wire/thread-end.ts';

/** Makes the call of `init` or `teardown` for one thread. */
export type MakeCall = () => Call;

/**
 * Runs the calls of `init` and `teardown` in their thread, one after the other.
 *
 * Invariant: such a call is answered by its thread, or fails when that ends; it is never given to another thread.
 */
export class ReservedCalls {
  readonly #lane: Lane;
  #call: Call | undefined;
  #hasEnded = false;

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** Whether one was sent that is not answered. */
  get isRunning(): boolean {
    return this.#call?.settled === false;
  }

  /**
   * Sends `call`, and waits for its answer.
   *
   * @throws The error of the call, or that the thread has ended.
   */
  async run(call: Call): Promise<void> {
    if (this.#hasEnded) throw new Error('it ended at once');
    this.#call = call;
    this.#lane.sender.send(call);
    await call.promise;
  }

  /**
   * Called with the calls that a lost message leaves to be sent again; gives those for other threads. `isEnded` says
   * that the thread was terminated because of the loss.
   */
  sendAgain(left: readonly Call[], { isEnded }: { readonly isEnded: boolean }): readonly Call[] {
    const own = left.find((call) => call === this.#call);
    if (!own) return left;
    if (!isEnded) this.#lane.sender.send(own);
    return left.filter((call) => call !== own);
  }

  /** Called when the thread has ended. */
  end(end: ThreadEnd): void {
    this.#hasEnded = true;
    this.#call?.fail(exitError('before its init or teardown was done', end));
  }
}
