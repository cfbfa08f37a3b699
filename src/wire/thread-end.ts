/** What is known of a thread beside its lane: what it is wanted for, and how it has ended. @module */

/** What is known of a call that a thread is wanted for. */
export interface ThreadWish {
  /** The URL of its module. */
  readonly url?: string | undefined;

  /** What it is to find in `process.argv`, after the first two; else what the program has there. */
  readonly argv?: readonly string[] | undefined;
}

/** How a thread ended. */
export interface ThreadEnd {
  readonly exitCode: number;
  readonly threadId: number;

  /** The error that ended it, if there was one. */
  readonly cause: unknown;
}

/**
 * Why a thread has ended, or was replaced:
 *
 * - `'aborted'`: a call that it ran was given up, and could not end by itself
 * - `'age'`, `'calls'`, `'heap'`: it had reached `maxAge`, `maxTasksPerThread` or `maxHeap` of its pool
 * - `'closed'`: its pool was closed or terminated
 * - `'discarded'`: while it loaded the program's own file, it was about to do what only the program may do; another one
 *   leaves that out
 * - `'done'`: the one call that it was for is over, or has not come
 * - `'error'`: an error in it was not caught, or it had no memory left; the event has the `error`
 * - `'exit'`: it has ended itself, by `process.exit()`; the event has the `exitCode`
 * - `'idle'`: it had no call for `idleTimeout`, or is not needed beside those of the pool any more
 * - `'recycled'`: `recycle()` was called, or a module that it had loaded was loaded anew
 * - `'unreadable'`: a message to it or from it could not be read, or what it has loaded is of no use
 */
export type ThreadEndReason =
  | 'aborted'
  | 'age'
  | 'calls'
  | 'closed'
  | 'discarded'
  | 'done'
  | 'error'
  | 'exit'
  | 'heap'
  | 'idle'
  | 'recycled'
  | 'unreadable';
