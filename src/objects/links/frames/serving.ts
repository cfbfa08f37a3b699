/** The calls of the other side. @module */

import { AbortController } from '../../../base/intrinsics.ts';
import { OffloopError } from '../../../base/errors.ts';
import { isThenable } from '../../../base/thenable.ts';
import { withSignal } from '../../../wait/running-call.ts';

/** Answers calls; those without an id, which is 0, have no answer. */
export interface Answers {
  result(id: number, value: unknown): void;
  failure(id: number, thrown: unknown): void;
}

/** A call that waits for a promise, or has been asked for its signal: most do neither. The signal is made when it is asked for. */
class Running {
  #controller: AbortController | undefined;
  #given: { readonly reason: unknown } | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#given) this.#controller.abort(this.#given.reason);
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#given ??= { reason };
    this.#controller?.abort(reason);
  }
}

/**
 * Runs the calls, at most `most` at once.
 *
 * Invariant: a call that runs is in `#running` or, without an id, counted in `#unnamed`.
 */
export class Serving {
  readonly #running = new Map<number, Running>();
  readonly #nameless = new Set<Running>();
  readonly #most: number;
  readonly #answers: Answers;
  readonly #settled: () => void;

  /** `settled` is called when a call has ended. */
  constructor(most: number, answers: Answers, settled: () => void) {
    this.#most = most;
    this.#answers = answers;
    this.#settled = settled;
  }

  get size(): number {
    return this.#running.size + this.#nameless.size;
  }

  has(id: number): boolean {
    return this.#running.has(id);
  }

  /** Runs `call`, with the id `id`; 0 is none. */
  run(id: number, call: () => unknown): void {
    if (this.#running.size + this.#nameless.size >= this.#most) return this.#answers.failure(id, fullError(this.#most));
    let running: Running | undefined;
    let value: unknown;
    try {
      value = withSignal(() => (running ??= new Running()).signal, call);
      if (!isThenable(value)) return this.#answers.result(id, value);
    } catch (error) {
      return this.#answers.failure(id, error);
    }
    running ??= new Running();
    if (id === 0) this.#nameless.add(running);
    else this.#running.set(id, running);
    void this.#await(id, running, value);
  }

  async #await(id: number, running: Running, value: PromiseLike<unknown>): Promise<void> {
    let hasFailed = false;
    let outcome: unknown;
    try {
      outcome = await value;
    } catch (error) {
      hasFailed = true;
      outcome = error;
    }
    this.#running.delete(id);
    this.#nameless.delete(running);
    if (hasFailed) this.#answers.failure(id, outcome);
    else this.#answers.result(id, outcome);
    this.#settled();
  }

  abort(id: number, reason: unknown): void {
    this.#running.get(id)?.abort(reason);
  }

  abortAll(reason: unknown): void {
    for (const running of [...this.#running.values(), ...this.#nameless]) running.abort(reason);
  }
}

function fullError(most: number): OffloopError {
  return new OffloopError('ERR_OFFLOOP_QUEUE_FULL', `Cannot call a peer: ${most} calls are in flight, its maxCalls`);
}
