/** The promises of writes that are on their way to the main side. @module */

import { Promise } from '../../base/intrinsics.ts';

/**
 * The outcome of one write, or of all writes of a message. If nobody awaits it, it stays with the call that made the
 * writes, which then waits for them and rejects as they do.
 */
export class Outcome extends Promise<void> {
  #isAwaited = false;
  #onAwaited: (() => void) | undefined;
  #settle!: { resolve(): void; reject(error: unknown): void };

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static make(): Outcome {
    let settle!: { resolve(): void; reject(error: unknown): void };
    const outcome = new Outcome((resolve, reject) => (settle = { resolve, reject }));
    outcome.#settle = settle;
    return outcome;
  }

  // A property with the built-in type: a method would have to repeat all of its type parameters.
  override then: Promise<void>['then'] = (...listeners) => {
    if (!this.#isAwaited) {
      this.#isAwaited = true;
      this.#onAwaited?.();
    }
    return Promise.prototype.then.apply(this, listeners as never) as never;
  };

  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** Calls `action` when somebody awaits the outcome. */
  set onAwaited(action: () => void) {
    this.#onAwaited = action;
    if (this.#isAwaited) action();
  }

  /** Settles as `reply` does. */
  follow(reply: PromiseLike<unknown>): void {
    const { resolve, reject } = this.#settle;
    reply.then(() => resolve(), reject);
  }

  done(): void {
    this.#settle.resolve();
  }

  fail(error: unknown): void {
    this.#settle.reject(error);
  }

  /** As {@link Outcome.fail}; if nobody awaits it, that is no unhandled rejection, because the call knows of it. */
  failQuietly(error: unknown): void {
    void Promise.prototype.then.call(this, undefined, () => undefined);
    this.#settle.reject(error);
  }
}
