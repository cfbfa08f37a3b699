/** How iterables of a kind are held until somebody asks them. @module */

/** What is asked for items. */
export type Items = AsyncIterator<unknown, unknown, unknown>;

/** What something has failed with. */
export interface Failure {
  readonly error: unknown;
}

/** How iterables of a kind are held. */
export interface Way {
  /** Whether an item that is awaited settles when it is closed: else its `finally` may run late, or never. */
  readonly isPrompt: boolean;

  /** Calls `fail` if the iterable fails by itself, be it asked or not; never at once. */
  listen?(fail: (error: unknown) => void): void;

  /** Begins to iterate. */
  open(): Items;

  /** Closes it; `items` is what `open` gave, if it was opened. */
  close(items: Items | undefined): Promise<void>;
}
