/** Facts about a thread apart from its lane: the call that it is started for, and how it ended. @module */

/** Facts about the call that a dedicated thread is started for. */
export interface ThreadWish {
  /** The URL of its module. */
  readonly url?: string | undefined;

  /** The arguments in the thread's `process.argv`, after the first two entries. @defaultValue those of the program */
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
 * Why a thread ended, or was replaced:
 *
 * - `'aborted'`: a call that the thread ran was given up, and did not end by itself
 * - `'age'`, `'calls'`, `'heap'`: the thread had reached `maxAge`, `maxTasksPerThread` or `maxHeap` of its pool
 * - `'closed'`: its pool was closed or terminated
 * - `'discarded'`: while the thread loaded the program's own file, a statement was about to do what only the program
 *   may do; another thread leaves that statement out
 * - `'done'`: the one call that the thread was started for is over, or was never made
 * - `'error'`: an error in the thread was not caught, or the thread ran out of memory; the event has the `error`
 * - `'exit'`: the thread ended itself, by `process.exit()`; the event has the `exitCode`
 * - `'idle'`: the thread had no call for `idleTimeout`, or was an extra thread that was no longer needed
 * - `'recycled'`: `recycle()` was called, or a module that the thread had loaded was loaded anew
 * - `'unreadable'`: a message to or from the thread could not be read, or a module in it was loaded incompletely
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
