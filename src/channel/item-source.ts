/** The source of an iterator's items: a generator in another thread, or in this one. @module */

/** The source of one iterator's items. */
export interface ItemSource<T, R, N> {
  /** How many items wait. */
  readonly size: number;

  /** How many items were dropped. */
  readonly dropped: number;

  /** Whether the source gives no more items. */
  readonly isClosed: boolean;

  /** Whether a `next()` or `throw()` is pending. */
  readonly isAwaited: boolean;

  start(): void;
  next(value?: N): Promise<IteratorResult<T, R>>;
  throw(error: unknown): Promise<IteratorResult<T, R>>;
  close(): Promise<void>;
  snapshot(): T[];
  drain(): T[];
}
