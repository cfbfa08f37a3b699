/** The close of an iterable that the main side passed as an argument. @module */

import { RingWord } from './ring/ring.ts';
import { Waiters } from './waiters.ts';

/** What a step of the iterable gives. */
export type Result = IteratorResult<unknown, undefined>;

/** The end after the last item, or the result of closing the source: with or without an error. */
export interface End {
  readonly error?: unknown;
  readonly isError: boolean;
}

export const done: Result = { value: undefined, done: true };
export const plainEnd: End = { isError: false };

/** Throws the error of `end`, if it has one, and notes in the ring that the main side need not report it. */
export function throwEnd(header: Int32Array, { isError, error }: End): void {
  if (!isError) return;
  Atomics.store(header, RingWord.told, 1);
  throw error;
}

/**
 * What came of closing the source, and the `return()` calls that wait for that.
 *
 * Invariant: an error of the close is thrown once.
 */
export class SourceClose {
  /** Whether the source was told to end and has not ended yet. */
  isPending = false;

  /** What came of it, unless that was thrown already. */
  result: End = plainEnd;

  readonly #header: Int32Array;
  readonly #waiters = new Waiters<unknown, undefined>();

  constructor(header: Int32Array) {
    this.#header = header;
  }

  /** Waits for the end of the close: {@link settle} settles the promise. */
  wait(): Promise<Result> {
    return this.#waiters.wait();
  }

  /** Called when the source has ended. */
  ended(end: End): void {
    if (this.isPending) {
      this.isPending = false;
      this.result = end;
    }
    this.settle();
  }

  /** Settles what waits, unless the source has still to end: the first one by the error, if there is one. */
  settle(): void {
    if (this.isPending) return;
    for (let waiter = this.#waiters.shift(); waiter; waiter = this.#waiters.shift()) {
      try {
        this.takeResult();
        waiter.resolve(done);
      } catch (error) {
        waiter.reject(error);
      }
    }
  }

  /** Throws the error of the close, if there is one that was not thrown. */
  takeResult(): void {
    const { result } = this;
    this.result = plainEnd;
    throwEnd(this.#header, result);
  }

  /** Rejects what waits. */
  fail(reason: unknown): void {
    this.#waiters.fail(reason);
  }
}
