/** The type of async iterators that iterate over themselves. @module */

/** An `AsyncIterableIterator` that says what it returns and takes; that of TypeScript before 5.6 does not. */
export interface AsyncItems<T, R = unknown, N = unknown> extends AsyncIterator<T, R, N> {
  [Symbol.asyncIterator](): AsyncItems<T, R, N>;
}
