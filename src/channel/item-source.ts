/** What an iterator's items come from: a generator in another thread, or in this one. @module */

/** Where the items of one iterator come from, and what can be said to it. */
export interface ItemSource<T, R, N> {
  /** How many items wait. */
  readonly size: number;

  /** How many items were dropped. */
  readonly dropped: number;

  /** Whether no item will be given any more. */
  readonly isClosed: boolean;

  /** Whether somebody waits for it. */
  readonly isAwaited: boolean;

  start(): void;
  next(value?: N): Promise<IteratorResult<T, R>>;
  throw(error: unknown): Promise<IteratorResult<T, R>>;
  close(): Promise<void>;
  snapshot(): T[];
  drain(): T[];
}
