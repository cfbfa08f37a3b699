/** The limits of a call: its signal, its `queueTimeout` and its `timeout`. @module */

import { after, now } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { OffloopError } from '../base/errors.ts';
import { reasonOf } from '../base/signal.ts';

/** The limits of a call; durations in milliseconds, `Infinity` for none. */
export interface Limits {
  readonly signal?: AbortSignal | undefined;
  readonly timeout: number;
  readonly queueTimeout: number;
}

/**
 * Watches the limits of one call, named `label` in error messages; calls `abort` with the reason when one is reached.
 *
 * Invariant: at most one timer runs, for waiting or for running; none runs after `end`.
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

  /** Starts the timer of `queueTimeout`, or lets it go on if the call is back in the queue. */
  waiting(): void {
    const { queueTimeout } = this.#limits;
    if (queueTimeout === Infinity || this.#isOver) return;
    const text = `${this.#label} waited longer than its queueTimeout: ${queueTimeout} ms`;
    this.#waitsUntil ??= now() + queueTimeout;
    const left = Math.max(0, this.#waitsUntil - now());
    this.#timer = after(left, () => this.#abort(new OffloopError('ERR_OFFLOOP_QUEUE_TIMEOUT', text)));
  }

  /** Stops the timer of `queueTimeout`: the call was sent to a thread. */
  sent(): void {
    this.#timer?.cancel();
  }

  /** Starts the timer of `timeout`: the function has started. */
  started(): void {
    if (this.#isStopped || this.#isOver) return;
    const { timeout } = this.#limits;
    const text = `${this.#label} ran longer than its timeout: ${timeout} ms`;
    this.#timer = after(timeout, () => this.#abort(new OffloopError('ERR_OFFLOOP_TIMEOUT', text)));
  }

  /** Stops the timers for good: the function has returned, or `closeTimeout` counts now. */
  stopClock(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Called when the call has settled. */
  end(): void {
    this.#isOver = true;
    this.#stopSignal?.();
    this.#timer?.cancel();
  }
}
