/** Lets callers of `ready()` in, one by one, as the queue of a pool has room. @module */

import { setImmediate } from '../base/clock.ts';
import { hasClock, holdForClock } from '../codec/live/clocked.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { Promise } from '../base/intrinsics.ts';
import { forgetLoopWait, noteLoopWait } from '../wait/loop-waits.ts';
import type { EndlessPromise, LoopWait } from '../wait/loop-waits.ts';
import { reasonOf } from '../base/signal.ts';

interface Waiter extends EndlessPromise {
  readonly signal: AbortSignal | undefined;
  admit(): void;
}

/**
 * The callers that wait for room in the queue: first come, first served.
 *
 * Invariant: a caller that was let in and has not made its call yet counts as a call, for one turn of the event loop.
 */
export class Admission implements LoopWait {
  /** How many callers were let in that have not made their calls yet. Only this class writes it. */
  granted = 0;

  readonly #room: () => number;
  readonly waiters: Set<Waiter> = new Set();

  /** `room` tells how many calls the queue would accept now. */
  constructor(room: () => number) {
    this.#room = room;
  }

  /** Always `false`: the calls whose start will make room keep the process alive by themselves. */
  get isStirring(): boolean {
    return false;
  }

  get endless(): readonly EndlessPromise[] {
    return [...this.waiters].filter(({ signal }) => !hasClock(signal));
  }

  /** Resolves once there is room; rejects with `signal.reason`, or the error that `close` is given. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    if (this.waiters.size === 0 && this.#room() > this.granted) return this.#grant();
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
        this.waiters.delete(waiter);
        if (this.waiters.size === 0) forgetLoopWait(this);
      };
      this.waiters.add(waiter);
      noteLoopWait(this);
    });
  }

  /** Lets in as many callers as there is room for. */
  check(): void {
    if (this.waiters.size === 0) return;
    for (const waiter of this.waiters) {
      if (this.#room() <= this.granted) return;
      waiter.admit();
    }
  }

  /** Called when a call was made, which may be that of a caller that was let in: some were. */
  used(): void {
    this.granted -= 1;
  }

  close(reason: unknown): void {
    for (const waiter of this.waiters) waiter.fail(reason);
  }

  #grant(): void {
    if (this.granted === 0) {
      setImmediate(() => {
        this.granted = 0;
        this.check();
      });
    }
    this.granted += 1;
  }
}
