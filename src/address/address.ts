/** Where a function lives: all that another thread needs to find the same function. @module */

/** How a module is loaded. */
export type ModuleFormat = 'module' | 'commonjs';

/** What a thread needs to load a module the way the main thread has it. */
export interface ModuleSpec {
  /** The module's URL, with its query, as the main thread imported it. */
  readonly url: string;

  readonly format: ModuleFormat;

  /** How often the main thread has evaluated this very URL anew (watch mode); from 0. */
  readonly generation: number;

  /** Whether a test runner transformed the main thread's copy in process, so that threads do not inherit the loader. */
  readonly foreign: boolean;

  /** The directory URL, with a trailing slash, from which loaders (`tsx`, say) are resolved after the module itself. */
  readonly base: string;

  /** What a slice of the module is made from. */
  readonly view: ViewSpec;

  /**
   * `first`: the slice is loaded, since the module is the program itself; `fallback`: the whole, and the slice if the
   * whole throws; `never`: the whole.
   */
  readonly viewMode: 'first' | 'fallback' | 'never';
}

/** What the slicer is told about a module. */
export interface ViewSpec {
  /** The texts (`fn.toString()`) of the functions that the module registered in the main thread. */
  readonly sources: readonly string[];

  /** Character offsets of those registrations in the text that the main thread runs; empty if that is another text. */
  readonly positions: readonly number[];

  /** Names of decorated methods; calling one dispatches. */
  readonly methods: readonly string[];

  /** The specifiers under which the library is imported. */
  readonly libraries: readonly string[];

  /** A growable shared buffer through which threads share the finished view; see `view-cache.ts`. */
  readonly cache: SharedArrayBuffer;

  /** Shared by all modules: not 0 once a thread needs its traps before it loads anything; see `traps.ts`. */
  readonly early: Int32Array;
}

/** The key of a function within its module. Never a name alone, never an ordinal alone. */
export interface FunctionKey {
  /** Ordinal of the registration in its module, from 0. */
  readonly index: number;

  readonly name: string;

  /** Constructor name and `length`, such as `Function/1`. */
  readonly signature: string;

  /** Hash of the function's source text. */
  readonly hash: string;
}

/** What tells a function from its twins, those of the same key; its module may register them in another order elsewhere. */
export interface Twins {
  /** What it closes over; `undefined` if that cannot be known. */
  readonly captured: Readonly<Record<string, string>> | undefined;

  /** All of them, and those that were registered at the same place. */
  readonly all: TwinGroup;
  readonly there: TwinGroup;
}

/** How many twins there are, and which of them is meant, from 0. */
export interface TwinGroup {
  readonly size: number;
  readonly index: number;
}

/** A function's whole address, as it is sent to a thread. */
export interface Address extends FunctionKey {
  readonly module: ModuleSpec;

  /** The program's entry, if the module is another one that may import it back: only a slice of it may be loaded then. */
  readonly entry: ModuleSpec | undefined;

  /** Signatures and name stems of all top-level registrations, where main's text is not the file's; else empty. */
  readonly shape: readonly string[];

  /** Whether it was registered while its module was being evaluated. */
  readonly top: boolean;

  /** Whether it is an export of the module's, and was not registered while that was being evaluated. */
  readonly exported: boolean;

  /**
   * The place of the registration, see `CallSite`; `undefined` where the text that runs here is not the one of other threads.
   * With `script`, the hash of the module's text, if that is not a view's.
   */
  readonly place?: string | undefined;
  readonly script?: string | undefined;

  /** What tells it from functions with the same key, if its module registered several. */
  readonly twins?: Twins | undefined;

  /** The name under which the class is registered that a static method was called on, if it inherits the method. */
  readonly on?: string | undefined;

  /** The function inside which it was registered, if not at top level. */
  readonly inside: string | undefined;

  /** `file:line:column` of the registration. */
  readonly at: string;
}
