/** One connection to a source, as the iterator over all of its connections knows it. @module */

/** Items that are there. */
export interface ItemsHere<T extends object> {
  /** The next item that is there; `undefined` if there is none. */
  take(): T | undefined;
}

/** A connection. Its items are objects. */
export interface Connection<T extends object> {
  /** Whether an event or a ping has come: with it the count of attempts begins anew. */
  readonly isGood: boolean;

  /** What of it was read; the same object for as long as it lasts. */
  readonly items: ItemsHere<T>;

  /**
   * Resolves once there may be more to take, with `false` once the server has ended it, and rejects if it has failed; asked
   * only when there is nothing to take.
   */
  more(): Promise<boolean>;

  /** Ends it; a pending `more` settles. */
  close(): void;
}

/** Makes the connections to one source. */
export interface Connector<T extends object> {
  /** The source in messages. */
  readonly name: string;

  /** How long nothing may come, in milliseconds. */
  readonly idleTimeout: number;

  /**
   * Connects; nothing, if the server has no more to give, ever.
   *
   * @throws An error for which `isFinal` says whether there is any use in another attempt.
   */
  connect(signal: AbortSignal): Promise<Connection<T> | undefined>;

  /** Whether the next connection goes on where the last one was lost. */
  resumes(): boolean;

  /** How long the server wants its clients to wait before they connect again, in milliseconds, if it has said so. */
  retryDelay(): number | undefined;

  /** Makes the item that says that events may have been lost. */
  gap(facts: Gap): T;
}

/** Events may be missing here: the connection was lost, and is there again. */
export interface Gap {
  readonly type: 'gap';

  /** The code of the last failure, such as `ERR_OFFLOOP_TIMEOUT`. */
  readonly code: string;

  /** The message of the last failure. */
  readonly reason: string;

  /** How many times it was tried until there was a connection. */
  readonly attempts: number;

  /** How long there was none, in milliseconds. */
  readonly duration: number;
}
