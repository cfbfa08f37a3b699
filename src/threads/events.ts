/** The events of the threads of a pool. @module */

import type { ThreadEndReason } from '../wire/thread-end.ts';

export type { ThreadEndReason } from '../wire/thread-end.ts';

/** A thread has run `init` and takes calls from now on. */
export interface ThreadStartEvent {
  readonly threadId: number;

  /** The number that `threadNumber()` gives in the thread; `undefined` for a thread of `threadedSeparate`. */
  readonly number: number | undefined;

  /** The thread's `ThreadPool`; `undefined` for a thread of `threadedSeparate`. */
  readonly pool: unknown;
}

/** A thread that had started has ended. */
export interface ThreadEndEvent extends ThreadStartEvent {
  readonly reason: ThreadEndReason;
  readonly exitCode: number;

  /** The error that ended the thread, if one did. */
  readonly error: unknown;
}

/** A thread has replaced another one, which may have ended long before. */
export interface ThreadReplaceEvent extends ThreadStartEvent {
  /** The id of the replaced thread; `reason` says why that thread ended. */
  readonly replaced: number;
  readonly reason: ThreadEndReason;
}

/** The events of a pool. A pool works the same without listeners, also of `error`. */
export interface PoolEvents {
  /** An error that no call rejects with. */
  error: [error: unknown];
  threadStart: [event: ThreadStartEvent];
  threadEnd: [event: ThreadEndEvent];
  threadReplace: [event: ThreadReplaceEvent];
}
