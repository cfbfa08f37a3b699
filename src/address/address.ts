/** The address of a function: everything that another thread needs to find the same function. @module */

import type { BundleSpec } from './bundle/spec.ts';
import type { HotSpec } from './hot/spec.ts';
import type { ServerAddress } from './served/spec.ts';

/** How a module is loaded. */
export type ModuleFormat = 'module' | 'commonjs';

/** Everything that a thread needs to load a module as the main thread has it. */
export interface ModuleSpec {
  /** The module's URL, with its query, as the main thread imported it. */
  readonly url: string;

  readonly format: ModuleFormat;

  /** How often the main thread has evaluated this same URL anew (watch mode); from 0. */
  readonly generation: number;

  /**
   * Whether a test runner transformed the main thread's copy in process, so that threads do not inherit the transform.
   */
  readonly foreign: boolean;

  /**
   * The directory URL, with a trailing slash, from which loaders such as `tsx` are resolved if not from the module
   * itself.
   */
  readonly base: string;

  /** The id of the module at the development server that gives threads its text, and how to reach that server. */
  readonly served?: { readonly id: string; readonly server: ServerAddress } | undefined;

  /** How the module is run if a development server replaces modules one by one. */
  readonly hot?: HotSpec | undefined;

  /** The facts from which a slice of the module is made. */
  readonly view: ViewSpec;

  /**
   * `first`: the slice is loaded, because the module is the program itself. `fallback`: the whole module is loaded, and
   * the slice if the whole throws. `never`: the whole module is loaded.
   */
  readonly viewMode: 'first' | 'fallback' | 'never';
}

/** The facts from which the slicer makes the worker view of a module. */
export interface ViewSpec {
  /** The texts (`fn.toString()`) of the functions that the module registered in the main thread. */
  readonly sources: readonly string[];

  /**
   * Character offsets of those registrations in the text that the main thread runs; empty if threads have another text.
   */
  readonly positions: readonly number[];

  /** Names of decorated methods; a call of one is a call of a wrapped function. */
  readonly methods: readonly string[];

  /** The specifiers under which the library is imported. */
  readonly libraries: readonly string[];

  /** The growable shared memory through which threads share the finished view; see `view-cache.ts`. */
  readonly cache: SharedArrayBuffer;

  /** Shared by all modules: 1 once threads have to install their traps before they load anything; see `traps.ts`. */
  readonly early: Int32Array;
}

/** The key of a function within its module: always several facts together, never the name or the ordinal alone. */
export interface FunctionKey {
  /** Ordinal of the registration in its module, from 0. */
  readonly index: number;

  readonly name: string;

  /** Constructor name and `length`, such as `Function/1`. */
  readonly signature: string;

  /** Hash of the function's source text. */
  readonly hash: string;
}

/**
 * Tells a function from its twins, the functions of its module with the same key, if their order differs in another
 * thread.
 */
export interface Twins {
  /** The variables that the function closes over; `undefined` if they cannot be known. */
  readonly captured: Readonly<Record<string, string>> | undefined;

  /** The position of the function among all its twins, and among those registered at the same place. */
  readonly all: TwinGroup;
  readonly there: TwinGroup;
}

/** The number of twins, and the index of the function among them, from 0. */
export interface TwinGroup {
  readonly size: number;
  readonly index: number;
}

/** A function's whole address, as it is sent to a thread. */
export interface Address extends FunctionKey {
  readonly module: ModuleSpec;

  /**
   * The program's entry, if the module is another one that may import it back: the thread may load only a slice of it.
   */
  readonly entry: ModuleSpec | undefined;

  /**
   * Signatures and name stems of all top-level registrations, if the main thread runs another text than the file's;
   * else empty.
   */
  readonly signatures: readonly string[];

  /** Whether the function was registered while its module was being evaluated. */
  readonly top: boolean;

  /** Whether the function is an export of its module that was not registered while the module was being evaluated. */
  readonly exported: boolean;

  /**
   * The place of the registration, see `CallSite`; `undefined` if threads run another text of the module. `script` is
   * the hash of the module's text, unless the text is that of a view.
   */
  readonly place?: string | undefined;
  readonly script?: string | undefined;

  /** Tells the function from others with the same key, if its module registered several. */
  readonly twins?: Twins | undefined;

  /** The registered name of the class that a static method was called on, if that class inherits the method. */
  readonly on?: string | undefined;

  /** The facts by which a thread runs the one module of a bundle that has the function, if it seems to be in a bundle. */
  readonly bundle?: BundleSpec | undefined;

  /** The function in which this one was registered, if not at top level. */
  readonly inside: string | undefined;

  /** `file:line:column` of the registration. */
  readonly at: string;
}
