/** What ends a call from outside: its signal, and how long it may wait and run. @module */

import { after, now } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';
import { onAbort } from '../codec/on-abort.ts';
import { OffloopError } from '../base/errors.ts';
import { reasonOf } from '../base/signal.ts';

/** The limits of a call; durations in milliseconds, `Infinity` for none. */
export interface Limits {
  readonly signal?: AbortSignal | undefined;
  readonly timeout: number;
  readonly queueTimeout: number;
}

/** Whether there are any. */
export function isLimited({ signal, timeout, queueTimeout }: Limits): boolean {
  return signal !== undefined || timeout !== Infinity || queueTimeout !== Infinity;
}

/**
 * Watches the limits of one call, named `label` in messages: `abort` is given the reason when one of them is reached.
 *
 * Invariant: at most one clock runs, that of waiting or that of running; none after `end`.
 */
export class LimitWatch {
  readonly #limits: Limits;
  readonly #label: string;
  readonly #abort: (reason: unknown) => void;
  readonly #stopSignal: (() => void) | undefined;
  #timer: Later | undefined;
  #waitsUntil: number | undefined;
  #isStopped = false;
  #isOver = false;

  constructor(limits: Limits, label: string, abort: (reason: unknown) => void) {
    this.#limits = limits;
    this.#label = label;
    this.#abort = abort;
    const { signal } = limits;
    if (signal) this.#stopSignal = onAbort(signal, () => abort(reasonOf(signal)));
  }

  /** Starts the clock of `queueTimeout`, or lets it go on if the call is back in line. */
  waiting(): void {
    const { queueTimeout } = this.#limits;
    if (queueTimeout === Infinity || this.#isOver) return;
    const text = `${this.#label} waited longer than its queueTimeout: ${queueTimeout} ms`;
    this.#waitsUntil ??= now() + queueTimeout;
    const left = Math.max(0, this.#waitsUntil - now());
    this.#timer = after(left, () => this.#abort(new OffloopError('ERR_OFFLOOP_QUEUE_TIMEOUT', text)));
  }

  /** Stops the clock of `queueTimeout`: a thread has the call. */
  sent(): void {
    this.#timer?.cancel();
  }

  /** Starts the clock of `timeout`: the function has started. */
  started(): void {
    if (this.#isStopped || this.#isOver) return;
    const { timeout } = this.#limits;
    const text = `${this.#label} ran longer than its timeout: ${timeout} ms`;
    this.#timer = after(timeout, () => this.#abort(new OffloopError('ERR_OFFLOOP_TIMEOUT', text)));
  }

  /** No clock counts any more, nor one that is started late: the function has returned, or has another limit. */
  stopClock(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** The call has settled. */
  end(): void {
    this.#isOver = true;
    this.#stopSignal?.();
    this.#timer?.cancel();
  }
}
