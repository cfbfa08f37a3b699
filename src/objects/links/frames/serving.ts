/** The calls of the other side. @module */

import { AbortController } from '../../../base/intrinsics.ts';
import { OffloopError } from '../../../base/errors.ts';
import { isThenable } from '../../../base/thenable.ts';
import { withSignal } from '../../../wait/running-call.ts';
import type { Gate } from '../live/gate.ts';

/** Answers a call. */
export interface Answer {
  result(value: unknown): void;
  failure(thrown: unknown): void;
}

/** A call that runs; its signal is made when somebody asks for it. */
class Running {
  #controller: AbortController | undefined;
  #given: { readonly reason: unknown } | undefined;

  readonly signal = (): AbortSignal => {
    this.#controller ??= new AbortController();
    if (this.#given) this.#controller.abort(this.#given.reason);
    return this.#controller.signal;
  };

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
  readonly #settled: () => void;

  /** `settled` is called when a call has ended. */
  constructor(most: number, settled: () => void) {
    this.#most = most;
    this.#settled = settled;
  }

  get size(): number {
    return this.#running.size + this.#nameless.size;
  }

  has(id: number): boolean {
    return this.#running.has(id);
  }

  /** Runs `call`, with the id `id`; 0 is none. */
  run(id: number, call: () => unknown, answer: Answer): void {
    if (this.size >= this.#most)
      return answer.failure(
        new OffloopError(
          'ERR_OFFLOOP_QUEUE_FULL',
          `Cannot call a peer: ${this.#most} calls are in flight, its maxCalls`,
        ),
      );
    const running = new Running();
    let value: unknown;
    try {
      value = withSignal(running.signal, call);
      if (!isThenable(value)) return answer.result(value);
    } catch (error) {
      return answer.failure(error);
    }
    if (id === 0) this.#nameless.add(running);
    else this.#running.set(id, running);
    void this.#await(id, running, value, answer);
  }

  async #await(id: number, running: Running, value: PromiseLike<unknown>, answer: Answer): Promise<void> {
    let settle: () => void;
    try {
      const result = await value;
      settle = () => answer.result(result);
    } catch (error) {
      settle = () => answer.failure(error);
    }
    this.#running.delete(id);
    this.#nameless.delete(running);
    settle();
    this.#settled();
  }

  abort(id: number, reason: unknown): void {
    this.#running.get(id)?.abort(reason);
  }

  abortAll(reason: unknown): void {
    for (const running of [...this.#running.values(), ...this.#nameless]) running.abort(reason);
  }
}

/** Calls or reads the member `name`. */
export function invoke(gate: Gate, name: string, args: unknown[] | undefined): unknown {
  return args ? gate.call(name, args) : gate.read(name);
}
