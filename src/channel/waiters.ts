/** The queue of pending `next()` and `throw()` calls of one iterator. @module */

import { Promise } from '../base/intrinsics.ts';

/** A pending `next()` or `throw()`. */
export interface Waiter<T, R> {
  /** For a `throw()`: the error that is to be thrown at the generator. */
  readonly thrown: { readonly error: unknown } | undefined;
  resolve(result: IteratorResult<T, R>): void;
  reject(reason: unknown): void;
}

/** A queue of waiters, of which each is settled once, in order. */
export class Waiters<T, R> {
  readonly #line: Waiter<T, R>[] = [];

  get size(): number {
    return this.#line.length;
  }

  get first(): Waiter<T, R> | undefined {
    return this.#line[0];
  }

  /** Adds a `next()`, or a `throw()` if an error is given. */
  wait(thrown?: { readonly error: unknown }): Promise<IteratorResult<T, R>> {
    return new Promise((resolve, reject) => this.#line.push({ thrown, resolve, reject }));
  }

  /** Removes the first waiter, which its caller settles. */
  shift(): Waiter<T, R> | undefined {
    return this.#line.shift();
  }

  /** Rejects all waiters. */
  fail(reason: unknown): void {
    for (let waiter = this.shift(); waiter; waiter = this.shift()) waiter.reject(reason);
  }

  /** Settles all waiters, after the end: each `throw()` rejects with its own error, each `next()` is done. */
  finish(): void {
    for (const { thrown, resolve, reject } of this.#line.splice(0)) {
      if (thrown) reject(thrown.error);
      else resolve({ value: undefined as R, done: true });
    }
  }
}
