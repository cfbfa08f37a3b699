/** Whether items may pass to a handler. @module */

/**
 * Open, paused or shut. It opens again after a pause, and never after it was shut.
 *
 * Invariant: whoever listens is told of each change.
 */
export class Passage {
  isPaused = false;
  isShut = false;

  /** Whether a pause is for ever: the run is about to end. */
  #isLast = false;
  #listener: (() => void) | undefined;

  /** Calls `listener` at each change. */
  onChange(listener: () => void): void {
    this.#listener = listener;
  }

  /** Holds items up, or lets them pass again. */
  pause(isPaused: boolean): void {
    if (isPaused === this.isPaused) return;
    this.isPaused = isPaused;
    if (isPaused && this.#isLast) this.isShut = true;
    this.#listener?.();
  }

  /** Nothing passes any more. */
  shut(): void {
    if (this.isShut) return;
    this.isShut = true;
    this.#listener?.();
  }

  /** Items that are there pass, but nobody waits for the end of a pause. */
  runOut(): void {
    this.#isLast = true;
    if (this.isPaused) this.shut();
  }
}
