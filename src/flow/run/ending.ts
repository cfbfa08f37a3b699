/** Whether a run has failed, and what it has failed with. @module */

import { AbortController } from '../../base/intrinsics.ts';

/** The first error of a run, which aborts what its handlers have called. */
export class Ending {
  readonly #controller = new AbortController();

  /** The cause that has ended the run before its time: an error, or the reason of an abort. */
  failure: { readonly error: unknown } | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Says whether `error` is the first one. */
  fail(error: unknown): boolean {
    if (this.failure) return false;
    this.failure = { error };
    this.#controller.abort(error);
    return true;
  }
}
