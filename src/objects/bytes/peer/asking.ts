/** The requests of a stream: one at a time. @module */

import type { Problem, ToStreamer } from '../wire/messages.ts';
import { errorOf } from '../wire/problem.ts';

export type Request = Extract<ToStreamer, { kind: 'open' | 'flush' | 'truncate' }>;

/** Invariant: an answer is that of the last request. */
export class Asking {
  /** The request that is under way. */
  #request: Request | undefined;

  /** The answer of the last request that was refused. */
  #refused: Problem | undefined;

  get isPending(): boolean {
    return this.#request !== undefined;
  }

  begin(request: Request): void {
    this.#refused = undefined;
    this.#request = request;
  }

  /** Notes the answer; gives the request. */
  end(refused: Problem | undefined): Request | undefined {
    const request = this.#request;
    this.#request = undefined;
    this.#refused = refused;
    return request;
  }

  /** @throws {OffloopError} if the last request was refused: once. */
  assertDone(): void {
    const problem = this.#refused;
    this.#refused = undefined;
    if (problem) throw errorOf(problem);
  }
}
