/** The calls that wait for a link to be connected. @module */

import { after, now } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { Promise } from '../../base/intrinsics.ts';
import { timedOut } from './frames/pending.ts';
import type { LinkCallOptions } from './live/remote.ts';

interface Waiter {
  go(): void;
  fail(error: unknown): void;
}

/** First come, first served. */
export class Line {
  readonly #waiters = new Set<Waiter>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Waits for {@link open}; gives the options with the time that is left. */
  wait(name: string, options: LinkCallOptions): Promise<LinkCallOptions> {
    const { signal, timeout = Infinity } = options;
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (this.#waiters.size >= this.#most)
      return Promise.reject(
        new OffloopError(
          'ERR_OFFLOOP_QUEUE_FULL',
          `Cannot call ${name} of a peer: ${this.#most} calls wait for the link`,
        ),
      );
    const deadline = now() + timeout;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', aborted);
        timer.cancel();
      };
      const waiter: Waiter = {
        go() {
          leave();
          resolve(timeout === Infinity ? options : { signal, timeout: Math.max(1, deadline - now()) });
        },
        fail(error) {
          leave();
          reject(error);
        },
      };
      const aborted = (): void => waiter.fail(signal?.reason);
      const timer = after(timeout, () => waiter.fail(timedOut(name, timeout)));
      timer.hold();
      signal?.addEventListener('abort', aborted, { once: true });
      this.#waiters.add(waiter);
    });
  }

  open(): void {
    for (const waiter of this.#waiters) waiter.go();
  }

  fail(error: unknown): void {
    for (const waiter of this.#waiters) waiter.fail(error);
  }
}
