/** The calls of this side that have no answer yet. @module */

import { after } from '../../../base/clock.ts';
import type { Later } from '../../../base/clock.ts';
import { OffloopError } from '../../../base/errors.ts';
import { Promise } from '../../../base/intrinsics.ts';
import type { LinkCallOptions } from '../live/remote.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  readonly signal: AbortSignal | undefined;
  readonly aborted: (() => void) | undefined;
  readonly timer: Later | undefined;
}

/** Invariant: every call in it is settled once: by its answer, its limits or `rejectAll`. */
export class Pending {
  readonly #waiting = new Map<number, Waiting>();
  readonly #givenUp: (id: number, reason: unknown) => void;
  readonly #settled: () => void;
  #last = 0;

  /** `givenUp` is told of a call that has met its limits, `settled` of each that is over. */
  constructor(givenUp: (id: number, reason: unknown) => void, settled: () => void) {
    this.#givenUp = givenUp;
    this.#settled = settled;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Waits for the answer of a call, which `send` sends under an id; if that throws, the call rejects. */
  add(name: string, { signal, timeout = Infinity }: LinkCallOptions, send: (id: number) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const id = this.#next();
      const give = (reason: unknown): void => {
        if (!this.settle(id, (waiting) => waiting.reject(reason))) return;
        this.#givenUp(id, reason);
      };
      const aborted = signal && ((): void => give(signal.reason));
      if (aborted) signal?.addEventListener('abort', aborted, { once: true });
      const timer = timeout === Infinity ? undefined : after(timeout, () => give(timedOut(name, timeout)));
      // A call that has a limit meets it, also if nothing else keeps the process alive.
      timer?.hold();
      this.#waiting.set(id, { resolve, reject, signal, aborted, timer });
      try {
        // The answer may come before this returns.
        send(id);
      } catch (error) {
        this.settle(id, (waiting) => waiting.reject(error));
      }
    });
  }

  /** Settles the call `id`; gives `false` if there is none. */
  settle(
    id: number,
    action: (waiting: { resolve(value: unknown): void; reject(error: unknown): void }) => void,
  ): boolean {
    const waiting = this.#waiting.get(id);
    if (!waiting) return false;
    this.#waiting.delete(id);
    waiting.timer?.cancel();
    if (waiting.aborted) waiting.signal?.removeEventListener('abort', waiting.aborted);
    action(waiting);
    this.#settled();
    return true;
  }

  rejectAll(error: unknown): void {
    for (const id of this.#waiting.keys()) this.settle(id, (waiting) => waiting.reject(error));
  }

  #next(): number {
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#last === 0 || this.#waiting.has(this.#last));
    return this.#last;
  }
}

export function timedOut(name: string, timeout: number): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_TIMEOUT',
    `The call of ${name} of a peer took longer than its timeout: ${timeout} ms`,
  );
}
