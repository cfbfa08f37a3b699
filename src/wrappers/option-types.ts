/** Options that wrappers of functions and of generators have in common. @module */

import type { Writable } from 'node:stream';
import type { ViewMode } from '../base/config.ts';
import type { Executor } from '../call/executor.ts';

/** Where a pooled call runs. */
export interface Placement {
  /**
   * Calls of a pool with the same key run in the same thread, in the order of the calls; but one that a callback makes does
   * not wait for a thread that waits for it. @defaultValue any free thread
   */
  key?: string | number | undefined;

  /** Who runs the call: a `ThreadPool`, or another executor. @defaultValue the default pool, see `setDefaultPool` */
  pool?: Executor | undefined;
}

/** What can be said of a thread of its own. */
export interface OwnThread {
  /** Lets the process end while the call runs, and the thread with it. @defaultValue `false` */
  detach?: boolean | undefined;

  /**
   * What `process.argv` has in the thread after the first two. A call that says so takes no thread that was kept ready.
   * @defaultValue what the program has there
   */
  argv?: readonly string[] | undefined;

  /**
   * Where what the thread prints goes, in order and before the result: a `Writable`, which is neither ended nor waited for.
   * What native code prints, and child processes that inherit the descriptor, is not seen.
   * @defaultValue `process.stdout` and `process.stderr`
   */
  stdout?: Output | undefined;
  stderr?: Output | undefined;
}

/** A `Writable`, as far as it is needed. */
export type Output = Pick<Writable, 'write'>;

/** What can be said only when a function is wrapped. */
export interface Wrapping {
  /** The name in messages. @defaultValue the function's own */
  name?: string | undefined;

  /**
   * The URL of the module that holds the call of the wrapper, as its `import.meta.url` gives it. A last resort, for
   * where the stack does not show the module. @defaultValue the module that the call of the wrapper stands in
   */
  module?: string | URL | undefined;

  /** When threads load a slice of the module instead of the whole. @defaultValue as `configure` says */
  view?: ViewMode | undefined;
}
