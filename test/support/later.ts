/** A promise that a test settles. @module */

export interface Later<T> {
  readonly promise: Promise<T>;
  resolve(value: T | PromiseLike<T>): void;
}

/** `Promise.withResolvers` is not there on Node.js 20. */
export function later<T = void>(): Later<T> {
  let resolve!: Later<T>['resolve'];
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
