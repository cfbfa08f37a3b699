/** Callers that wait for room in a pool's line are let in one by one. @module */

import { setImmediate } from '../base/clock.ts';
import { hasClock, holdForClock } from '../codec/clocked.ts';
import { onAbort } from '../codec/on-abort.ts';
import { Promise } from '../base/intrinsics.ts';
import { forgetLoopWait, noteLoopWait } from '../wait/loop-waits.ts';
import type { EndlessPromise, LoopWait } from '../wait/loop-waits.ts';
import { reasonOf } from '../base/signal.ts';

interface Waiter extends EndlessPromise {
  readonly signal: AbortSignal | undefined;
  admit(): void;
}

/**
 * A line before the line: first come, first served.
 *
 * Invariant: those who were let in and have not made their call yet count as room taken, for the turn of the loop.
 */
export class Admission implements LoopWait {
  readonly #room: () => number;
  readonly #waiters = new Set<Waiter>();
  #granted = 0;

  /** `room` says how many calls would be taken now. */
  constructor(room: () => number) {
    this.#room = room;
  }

  /** Calls that will make room keep the process alive by themselves. */
  get isStirring(): boolean {
    return false;
  }

  get endless(): readonly EndlessPromise[] {
    return [...this.#waiters].filter(({ signal }) => !hasClock(signal));
  }

  /** Resolves once there is room; rejects with `signal.reason`, or what `close` is given. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiters.size === 0 && this.#room() > this.#granted) return this.#grant();
    return new Promise<void>((resolve, reject) => {
      const forget = signal && onAbort(signal, () => waiter.fail(reasonOf(signal)));
      const letGo = signal && holdForClock(signal);
      const waiter: Waiter = {
        signal,
        resolve,
        reject,
        admit: () => {
          leave();
          this.#grant();
          resolve();
        },
        fail: (reason) => {
          leave();
          reject(reason);
        },
      };
      const leave = (): void => {
        forget?.();
        letGo?.();
        this.#waiters.delete(waiter);
        if (this.#waiters.size === 0) forgetLoopWait(this);
      };
      this.#waiters.add(waiter);
      noteLoopWait(this);
    });
  }

  /** Lets in as many as there is room for. */
  check(): void {
    for (const waiter of this.#waiters) {
      if (this.#room() <= this.#granted) return;
      waiter.admit();
    }
  }

  /** A call was made: it may be one of those who were let in. */
  used(): void {
    if (this.#granted > 0) this.#granted -= 1;
  }

  close(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.fail(reason);
  }

  #grant(): void {
    if (this.#granted === 0) {
      setImmediate(() => {
        this.#granted = 0;
        this.check();
      });
    }
    this.#granted += 1;
  }
}
