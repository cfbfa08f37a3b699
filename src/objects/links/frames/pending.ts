/** The calls of this side that have no answer yet. @module */

import { after } from '../../../base/clock.ts';
import type { Later } from '../../../base/clock.ts';
import { OffloopError } from '../../../base/errors.ts';
import type { LinkCallOptions } from '../live/remote.ts';

/** Settles the promise of a call. */
export interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What ends the limits of a call. */
interface Limits {
  readonly signal: AbortSignal | undefined;
  readonly aborted: (() => void) | undefined;
  readonly timer: Later | undefined;
}

/** Invariant: every call in it is settled once: by who takes it out, or by its limits. */
export class Pending {
  readonly #waiting = new Map<number, Waiting>();

  /** Most calls have none. */
  readonly #limits = new Map<number, Limits>();
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

  /** Gives the id under which the call waits. */
  add(waiting: Waiting): number {
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#last === 0 || this.#waiting.has(this.#last));
    this.#waiting.set(this.#last, waiting);
    return this.#last;
  }

  /** Rejects the call `id` of `name` when it meets its limits; its signal is not aborted yet. */
  limit(id: number, name: string, { signal, timeout = Infinity }: LinkCallOptions): void {
    const give = (reason: unknown): void => {
      const waiting = this.take(id);
      if (!waiting) return;
      waiting.reject(reason);
      this.#givenUp(id, reason);
    };
    const aborted = signal && ((): void => give(signal.reason));
    if (aborted) signal?.addEventListener('abort', aborted, { once: true });
    const timer = timeout === Infinity ? undefined : after(timeout, () => give(timedOut(name, timeout)));
    // A call that has a limit meets it, also if nothing else keeps the process alive.
    timer?.hold();
    this.#limits.set(id, { signal, aborted, timer });
  }

  /** Takes the call `id` out, to be settled; `undefined` if there is none. */
  take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    this.#waiting.delete(id);
    if (this.#limits.size > 0) this.#endLimits(id);
    this.#settled();
    return waiting;
  }

  #endLimits(id: number): void {
    const { signal, aborted, timer } = this.#limits.get(id) ?? {};
    this.#limits.delete(id);
    timer?.cancel();
    if (aborted) signal?.removeEventListener('abort', aborted);
  }

  rejectAll(error: unknown): void {
    for (const id of this.#waiting.keys()) this.take(id)?.reject(error);
  }
}

export function timedOut(name: string, timeout: number): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_TIMEOUT',
    `The call of ${name} of a peer took longer than its timeout: ${timeout} ms`,
  );
}
