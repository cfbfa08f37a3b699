/** The callbacks and coroutines that the thread of one call has called, while they run on the main side. @module */

import { AbortController, Promise } from '../base/intrinsics.ts';
import { isThenable } from '../base/thenable.ts';

/** Told how one went: whether it returned, and what it gave. */
export type Settled = (isReturned: boolean, value: unknown) => void;

/** A callback that runs. */
interface Run {
  controller: AbortController | undefined;
  aborted: { readonly reason: unknown } | undefined;
}

/**
 * Invariant: `Settled` is called once for each that was started; those that failed, or still run, are known by their ids.
 */
export class CallbackRuns {
  readonly #running = new Map<number, Run>();

  /** The callbacks that run, and failures of those that have: the thread may say later that nobody took notice. */
  readonly #results = new Map<number, Promise<unknown>>();

  /** Whether one runs. */
  get areActive(): boolean {
    return this.#running.size > 0;
  }

  /** Calls `invoke` with what gives the run's signal: aborted when nobody waits for it any more. One that returns no promise has settled on return. */
  start(id: number, invoke: (signal: () => AbortSignal) => unknown, settled: Settled): void {
    const run: Run = { controller: undefined, aborted: undefined };
    this.#running.set(id, run);
    let value: unknown;
    try {
      value = invoke(() => signalOf(run));
      if (!isThenable(value)) {
        this.#running.delete(id);
        return settled(true, value);
      }
    } catch (error) {
      value = Promise.reject(error);
    }
    const result = Promise.resolve(value);
    this.#results.set(id, result);
    void this.#follow(id, result, settled);
  }

  async #follow(id: number, result: Promise<unknown>, settled: Settled): Promise<void> {
    let value: unknown;
    try {
      value = await result;
    } catch (error) {
      this.#running.delete(id);
      return settled(false, error);
    }
    this.#running.delete(id);
    this.#results.delete(id);
    settled(true, value);
  }

  /** The thread has taken notice of what `id` gave, or will not. */
  forget(id: number): void {
    this.#results.delete(id);
  }

  /** Resolves once those of `ids` have settled; rejects with the first failure among them, in their order. */
  async settled(ids: readonly number[]): Promise<void> {
    const outcomes = await Promise.allSettled(ids.flatMap((id) => this.#results.get(id) ?? []));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Nobody waits for `id` any more. */
  abort(id: number, reason: unknown): void {
    const run = this.#running.get(id);
    if (!run || run.aborted) return;
    run.aborted = { reason };
    run.controller?.abort(reason);
  }

  /** Nobody waits for any of them any more. */
  abortAll(reason: unknown): void {
    for (const id of this.#running.keys()) this.abort(id, reason);
  }
}

/** Made only for those that ask. */
function signalOf(run: Run): AbortSignal {
  if (!run.controller) {
    run.controller = new AbortController();
    if (run.aborted) run.controller.abort(run.aborted.reason);
  }
  return run.controller.signal;
}
