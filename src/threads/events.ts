/** What is told of the threads of a pool. @module */

import type { ThreadEndReason } from '../wire/thread-end.ts';

export type { ThreadEndReason } from '../wire/thread-end.ts';

/** A thread takes calls from now on: it has run `init`. */
export interface ThreadStartEvent {
  readonly threadId: number;

  /** What `threadNumber()` gives there; `undefined` for a thread of `threadedSeparate`. */
  readonly number: number | undefined;

  /** The `ThreadPool`; `undefined` for a thread of `threadedSeparate`. */
  readonly pool: unknown;
}

/** A thread has ended that had started. */
export interface ThreadEndEvent extends ThreadStartEvent {
  readonly reason: ThreadEndReason;
  readonly exitCode: number;

  /** What ended it, if it was an error. */
  readonly error: unknown;
}

/** A thread has taken the place of another one, which may have ended long before. */
export interface ThreadReplaceEvent extends ThreadStartEvent {
  /** The id of that one, and why it did not stay. */
  readonly replaced: number;
  readonly reason: ThreadEndReason;
}

/** The events of a pool; nobody has to listen. */
export interface PoolEvents {
  /** Something failed that no call is told of. */
  error: [error: unknown];
  threadStart: [event: ThreadStartEvent];
  threadEnd: [event: ThreadEndEvent];
  threadReplace: [event: ThreadReplaceEvent];
}
