/** Finds the statement that the running code belongs to while a thread loads the view of a program's file. @module */

import { createHook, executionAsyncId } from 'node:async_hooks';
import type { AsyncHook } from 'node:async_hooks';
import { isEvaluating, placed, runningOnly, stackAbove, stackOf } from '../call-site.ts';
import type { Frame } from '../call-site.ts';
import type { ModuleSpec } from '../address.ts';
import { canonical } from '../file-url.ts';
import type { OffloopError } from '../../base/errors.ts';
import { shared, threadState } from '../../base/realm.ts';

/** A view that is being evaluated. */
export interface LoadedView {
  readonly spec: ModuleSpec;

  /** How many hits were known when the view was made; see `view-cache.ts`. */
  readonly version: number;
}

/** A statement of a view from which the running code was reached. */
export interface Origin {
  readonly view: LoadedView;

  /** Character offset in the view's text. */
  readonly position: number;

  /** The line number, from 1. */
  readonly line: number | undefined;
}

/** From where the running code was reached: a statement, a `setup()`, or the import of another module. */
type Cause = Origin | 'setup' | 'import';

/** The actions that a trap can take on the thread. */
export interface Thread {
  /** Ends the thread at once, so that its calls move to another thread; returns if its call has begun to run. */
  discard(): void;

  /** Fails the load that is under way with `error`. */
  fail(error: OffloopError): void;
}

/**
 * The statements of views that this thread evaluates, and everything that they start until the load ends.
 *
 * Code belongs to a statement if the innermost module code on the stack is that of the view, with no import in between.
 * Code that runs later is attributed by the async resource in which it runs; if that is unknown, by the innermost call
 * in the view's functions on the stack.
 */
export class LoadScope {
  /** Whether a view is being loaded; at any other time, traps let every call pass. */
  isOpen = false;

  readonly thread: Partial<Thread> = {};

  /** Functions that clear the timers which statements have started. */
  readonly #cleanups = new Set<() => void>();

  /** By canonical path: the specs of the files that views are made of, and the views that are being evaluated. */
  readonly #specs = new Map<string, ModuleSpec>();
  readonly #views = new Map<string, LoadedView>();

  /** By the name of the script, so that symbolic links are resolved once. */
  readonly #scripts = new Map<string, LoadedView | undefined>();

  /** By the ids of async resources. */
  readonly #causes = new Map<number, Cause>();
  readonly #hook: AsyncHook = createHook({ init: (id) => this.#follow(id) });
  #setups = 0;

  /** Notes that importing the file of `spec` gives its view. */
  expect(spec: ModuleSpec): void {
    this.#specs.set(canonical(spec.url), spec);
  }

  /**
   * Called when the statements of the view of `urlOrPath` are about to run, by the view itself or by the code that
   * compiles it.
   */
  begin(urlOrPath: string, version: number): void {
    const path = canonical(urlOrPath);
    const spec = this.#specs.get(path);
    if (!spec) return;
    this.#views.set(path, { spec, version });
    this.#scripts.clear();
    this.isOpen = true;
    const state = threadState();
    // A running call has imported the file. Nothing tells when that load ends, so later code is attributed by the stack
    // alone.
    if (state && state.loading === undefined) state.loading = spec.url;
    else this.#hook.enable();
  }

  /** Called when the load has ended; clears what its statements have started. */
  end(): void {
    this.isOpen = false;
    this.#hook.disable();
    this.#views.clear();
    this.#scripts.clear();
    this.#causes.clear();
    for (const cleanup of this.#cleanups) cleanup();
    this.#cleanups.clear();
  }

  /** Calls `cleanup` at the end of the load. */
  atEnd(cleanup: () => void): void {
    this.#cleanups.add(cleanup);
  }

  /** Runs `fn`, which every thread needs, without traps. */
  setup<T>(fn: () => T): T {
    this.#setups += 1;
    try {
      return fn();
    } finally {
      this.#setups -= 1;
    }
  }

  /** The statement that the running code belongs to; `undefined` if it belongs to none. */
  origin(): Origin | undefined {
    if (!this.isOpen || this.#setups > 0) return undefined;
    const cause = this.#cause();
    return typeof cause === 'object' ? cause : undefined;
  }

  /** The statement of a view in which `error` was made, if any. */
  originOf(error: Error): Origin | undefined {
    if (!this.isOpen) return undefined;
    const frames = stackOf(error);
    const cause = this.#causeOn(frames);
    if (cause) return typeof cause === 'object' ? cause : undefined;
    const index = frames.findLastIndex((frame) => this.#viewOf(frame));
    return this.#originAt(frames, index);
  }

  /** Attributes a new async resource to the cause of the code that makes it. */
  #follow(id: number): void {
    try {
      const cause = this.#setups > 0 ? 'setup' : this.#cause();
      if (cause) this.#causes.set(id, cause);
    } catch {
      // The stack is exhausted; an error thrown in a hook would end the thread.
    }
  }

  #cause(): Cause | undefined {
    const frames = runningOnly(stackAbove(stackAbove, Infinity));
    const shown = this.#causeOn(frames);
    if (shown) return shown;
    const known = this.#causes.get(executionAsyncId());
    if (known && known !== 'import') return known;
    // Another module calls a function of the view; the outermost frame of the view is nearest to the statement.
    const index = frames.findLastIndex((frame) => this.#viewOf(frame));
    return this.#originAt(frames, index) ?? known;
  }

  /** The cause that the frames show. */
  #causeOn(frames: readonly Frame[]): Cause | undefined {
    for (const [index, frame] of frames.entries()) {
      if (isLoader(frame)) return 'import';
      if (isEvaluating(frame)) return this.#originAt(frames, index) ?? 'import';
    }
    return undefined;
  }

  #originAt(frames: readonly Frame[], index: number): Origin | undefined {
    const frame = frames[index];
    const view = frame && this.#viewOf(frame);
    const at = placed(frames, index);
    const position = at?.getPosition?.();
    return view && position !== undefined ? { view, position, line: at?.getLineNumber() ?? undefined } : undefined;
  }

  #viewOf(frame: Frame): LoadedView | undefined {
    const script = frame.getFileName();
    if (!script) return undefined;
    if (!this.#scripts.has(script)) this.#scripts.set(script, this.#views.get(canonical(script)));
    return this.#scripts.get(script);
  }
}

/** Whether Node.js is finding, reading, transforming or linking a module in this frame. */
const isLoader = (frame: Frame): boolean => frame.getFileName()?.startsWith('node:internal/modules/') === true;

export const loadScope: LoadScope = shared('load scope', () => new LoadScope());
