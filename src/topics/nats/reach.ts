/** Whether the server is there. @module */

import { Promise } from '../../base/intrinsics.ts';
import { settled } from '../../streams/run/scope.ts';
import { within } from '../../base/pause.ts';
import { askTime } from './patience.ts';

/** The server has gone away, or is not there. */
export class UnreachableError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', { value: 'ConnectionError', writable: true, configurable: true });
  }
}

/**
 * Whether the server is there, for those who wait for it or for its answers.
 *
 * Invariant: no answer is waited for that was asked for over a connection that is lost.
 */
export class Reach {
  isUp = false;

  /** How often it was lost. */
  losses = 0;
  readonly #onLoss = new Set<() => void>();
  readonly #onBack = new Set<() => void>();

  lost(): void {
    this.isUp = false;
    this.losses += 1;
    for (const fail of this.#onLoss) fail();
    this.#onLoss.clear();
  }

  back(): void {
    this.isUp = true;
    for (const go of this.#onBack) go();
    this.#onBack.clear();
  }

  /** @throws {UnreachableError} if it is not there in a while: whatever is sent meanwhile is lost. */
  async wait(): Promise<void> {
    if (this.isUp) return;
    let go: () => void = () => undefined;
    await within(askTime, new Promise<void>((resolve) => this.#onBack.add((go = resolve))));
    this.#onBack.delete(go);
    if (!this.isUp) throw new UnreachableError('the server is away');
  }

  /**
   * The answer to what `ask` has sent.
   *
   * @throws {UnreachableError} at once if the server is lost: the answer may have been on its way.
   */
  async answer<T>(ask: () => Promise<T>): Promise<T> {
    let fail: () => void = () => undefined;
    const lost = new Promise<never>((_, reject) => {
      this.#onLoss.add((fail = () => reject(new UnreachableError('the connection was lost'))));
    });
    const answer = ask();
    try {
      return await Promise.race([answer, lost]);
    } finally {
      this.#onLoss.delete(fail);
      // One that comes to nothing later is nobody's error.
      void settled(async () => answer);
    }
  }
}
