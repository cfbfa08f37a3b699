/** Facts about a function that stands in a module of a bundle, as they are sent to a thread. @module */

/** A place in the code of a bundle, as a stack frame shows it. */
export interface BundleFrame {
  /** The path or the file URL of the script. */
  readonly file: string;

  /** Character offset in the text of that script; for code in an `eval` the offset of the `eval`. */
  readonly position: number;

  /** Character offset in the text that the `eval` runs; `undefined` outside of an `eval`. */
  readonly inner?: number | undefined;
}

/** The name of Turbopack's runtime, which stands beside its chunks or above them. */
export const runtimeName = '[turbopack]_runtime.js';

/** Everything that a thread needs to run the one module of a bundle in which a function was wrapped. */
export interface BundleSpec {
  /** The places of the call of the wrapper and of its callers, innermost first. */
  readonly frames: readonly BundleFrame[];

  /** The paths of the chunks and runtimes that the main thread has required, in that order. */
  readonly loaded: readonly string[];
}
