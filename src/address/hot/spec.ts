/** Facts about a module of a development server that replaces modules one by one, as they are sent to a thread. @module */

/** Everything that a thread needs to run a module as the main thread has it. */
export interface HotSpec {
  readonly kind: 'Turbopack' | 'webpack';

  /** The id by which the runtime knows the module; `undefined` if the text that runs is not the one that was loaded. */
  readonly id: string | undefined;

  /** The path of the runtime that runs it. */
  readonly runtime: string;

  /** The path of a chunk that has the module; for webpack that of the runtime, which stands beside the chunks. */
  readonly chunk: string;

  /** The names of the functions that the runtime of webpack has: another build of it may lack some. */
  readonly helpers: readonly string[];

  /**
   * The texts of the module and of what it imports, by their ids, as JSON; or why there are none: the module was edited
   * since, or this thread cannot read the runtime's modules.
   */
  readonly texts: SharedArrayBuffer | 'edited' | 'unreadable';
}
