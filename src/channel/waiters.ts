/** Those who wait for items of one iterator, in the order in which they asked. @module */

import { Promise } from '../base/intrinsics.ts';

/** Somebody who waits for an item. */
export interface Waiter<T, R> {
  /** The error that the generator is to be thrown for it, if there is one. */
  readonly thrown: { readonly error: unknown } | undefined;
  resolve(result: IteratorResult<T, R>): void;
  reject(reason: unknown): void;
}

/** A line: each is settled once, in order. */
export class Waiters<T, R> {
  readonly #line: Waiter<T, R>[] = [];

  get size(): number {
    return this.#line.length;
  }

  get first(): Waiter<T, R> | undefined {
    return this.#line[0];
  }

  /** Somebody waits from now on, and has an error thrown at the generator if there is one. */
  wait(thrown?: { readonly error: unknown }): Promise<IteratorResult<T, R>> {
    return new Promise((resolve, reject) => this.#line.push({ thrown, resolve, reject }));
  }

  /** The first one is served. */
  shift(): Waiter<T, R> | undefined {
    return this.#line.shift();
  }

  /** Nothing more is given: an error that was not thrown at the generator is thrown at who gave it. */
  finish(): void {
    for (const { thrown, resolve, reject } of this.#line.splice(0)) {
      if (thrown) reject(thrown.error);
      else resolve({ value: undefined as R, done: true });
    }
  }
}
