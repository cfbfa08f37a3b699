/** A source of items that keeps a record of how it was opened and closed. @module */

/** How often it was opened and closed, and how many items it gave. */
export interface Recorded<T> extends AsyncIterable<T> {
  readonly opened: number;
  readonly closed: number;
  readonly given: number;

  /** How often it has said that there is no more, or thrown. */
  readonly ended: number;
}

interface RecordedOptions {
  /** Thrown after the items, instead of the end. */
  readonly error?: unknown;

  /** Awaited before each item. */
  readonly wait?: (index: number) => unknown;

  /** Thrown when it is closed. */
  readonly closeError?: unknown;
}

/** Gives `items`. What ends by itself or throws is not closed by its consumer. */
export function recorded<T>(items: Iterable<T>, options: RecordedOptions = {}): Recorded<T> {
  const it = {
    opened: 0,
    closed: 0,
    given: 0,
    ended: 0,
    [Symbol.asyncIterator](): AsyncIterator<T> {
      it.opened += 1;
      const inner = items[Symbol.iterator]();
      return {
        async next() {
          await options.wait?.(it.given);
          const step = inner.next();
          if (step.done) it.ended += 1;
          if (step.done && 'error' in options) throw options.error;
          if (!step.done) it.given += 1;
          return step;
        },
        async return() {
          it.closed += 1;
          inner.return?.();
          if ('closeError' in options) throw options.closeError;
          return { value: undefined, done: true };
        },
      };
    },
  };
  return it;
}

/** 0, 1, 2 and so on, for ever. */
export function* numbers(): Generator<number> {
  for (let n = 0; ; n += 1) yield n;
}
