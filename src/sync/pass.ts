/** The disposable results of acquiring a lock or a permit. @module */

/**
 * Releases an acquired lock or permit: `using pass = lock.acquire()`, or `await using pass = await
 * lock.acquireAsync()`. Disposing of a pass again, or after `release()`, does nothing.
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
