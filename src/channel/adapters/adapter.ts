/** The interface of the adapters that hold iterables until they are iterated over. @module */

/** An opened iterable. */
export type Items = AsyncIterator<unknown, unknown, unknown>;

/** An iterator of ours that gives items without a promise for each. */
export abstract class ReadyItems {
  /** Takes an item that is there; gives `NONE` if there is none, and if the next step is no item. */
  abstract takeNow(): unknown;
}

/** An error, which may be any value. */
export interface Failure {
  readonly error: unknown;
}

/** Holds one iterable of a certain kind. */
export interface IterableAdapter {
  /** Whether `close` settles a pending `next()`. If not, the `finally` of the iterable may run late, or never. */
  readonly isPrompt: boolean;

  /** Calls `fail` if the iterable fails by itself, iterated over or not; never synchronously. */
  listen?(fail: (error: unknown) => void): void;

  /** Begins to iterate. */
  open(): Items;

  /** Closes the iterable; `items` is the result of `open`, if it was opened. */
  close(items: Items | undefined): Promise<void>;
}
