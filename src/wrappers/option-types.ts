/** The options that wrappers of functions and of generator functions share. @module */

import type { Writable } from 'node:stream';
import type { ViewMode } from '../base/config.ts';
import type { Executor } from '../call/executor.ts';

/** Options of calls that run in a pool. */
export interface Placement {
  /**
   * Calls of one pool with the same key run in the same thread, in the order of the calls. Exception: a call made by a
   * callback does not wait for a thread that waits for that callback. @defaultValue any free thread
   */
  key?: string | number | undefined;

  /** The executor that runs the call, such as a `ThreadPool`. @defaultValue the default pool, see `setDefaultPool` */
  pool?: Executor | undefined;
}

/** Options of calls that run in a pool, and give one result. */
export interface Repetition {
  /**
   * Whether the call may run more than once, to the same end: then a fleet runs it on another node if its node is lost. A pool
   * never runs a call twice. @defaultValue `false`
   */
  idempotent?: boolean | undefined;
}

/** Options of calls that run in a dedicated thread. */
export interface OwnThread {
  /** Lets the process end while the call runs; the thread ends with the process. @defaultValue `false` */
  detach?: boolean | undefined;

  /**
   * The elements of `process.argv` in the thread after the first two. A call with this option never takes a spare
   * thread.
   * @defaultValue those of the program
   */
  argv?: readonly string[] | undefined;

  /**
   * Where the output of the thread goes, in order and before the result: a `Writable`, which the library does not end
   * and whose back-pressure it ignores. Output of native code and of child processes that inherit the descriptor is not
   * captured.
   * @defaultValue `process.stdout` and `process.stderr`
   */
  stdout?: Output | undefined;
  stderr?: Output | undefined;
}

/** The part of a `Writable` that is needed. */
export type Output = Pick<Writable, 'write'>;

/** Options that can be set only when a function is wrapped. */
export interface Wrapping {
  /** The function's name in messages. @defaultValue the function's own name */
  name?: string | undefined;

  /**
   * The URL of the module that contains the call of the wrapper, as its `import.meta.url` gives it. A last resort, if
   * the stack does not show the module. @defaultValue the module that the stack shows
   */
  module?: string | URL | undefined;

  /** When threads load a slice of the module instead of the whole module. @defaultValue as `configure` says */
  view?: ViewMode | undefined;
}
