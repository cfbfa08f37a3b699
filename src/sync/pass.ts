/** What is given to who has acquired something, to give it back. @module */

/**
 * Gives back what was acquired, once: `using pass = lock.acquire()`, or `await using pass = await lock.acquireAsync()`.
 * Disposing of it twice, or after the hold was given back by `release()`, is harmless.
 */
export class Pass implements Disposable, AsyncDisposable {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  [Symbol.dispose](): void {
    const giveBack = this.#giveBack;
    this.#giveBack = undefined;
    giveBack?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }
}
