/** Whose doing running code is while a thread loads the view of a program's own file. @module */

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

  /** How many hits were known when it was made; see `view-cache.ts`. */
  readonly version: number;
}

/** A statement of a view that has led to what runs. */
export interface Origin {
  readonly view: LoadedView;

  /** Character offset in the view's text. */
  readonly position: number;

  /** From 1. */
  readonly line: number | undefined;
}

/** What has led to the code that runs: a statement, a `setup()`, or the import of another module. */
type Doer = Origin | 'setup' | 'import';

/** How the thread takes what happens in it. */
export interface Thread {
  /** Ends the thread at once, so that its calls move to another one; returns if its call has begun to run. */
  discard(): void;

  /** Lets the load that is under way fail with `error`. */
  fail(error: OffloopError): void;
}

/**
 * The statements of views that this thread evaluates, and what they start until the load ends.
 *
 * Code is a statement's if the innermost module code on the stack is the view's, with no import on the way. What goes on
 * later is followed by the asynchronous resources that it began with; where none of them is known, by the place of the
 * view's function that runs.
 */
export class LoadScope {
  /** Whether a view is being loaded: at any other time, traps let everything pass. */
  isOpen = false;

  readonly thread: Partial<Thread> = {};

  /** What clears the timers that statements have started. */
  readonly #cleanups = new Set<() => void>();

  /** By canonical path: of which files views are made, and which of them are being evaluated. */
  readonly #specs = new Map<string, ModuleSpec>();
  readonly #views = new Map<string, LoadedView>();

  /** By the name of the script, so that links are looked up once. */
  readonly #scripts = new Map<string, LoadedView | undefined>();

  /** By the ids of asynchronous resources. */
  readonly #doers = new Map<number, Doer>();
  readonly #hook: AsyncHook = createHook({ init: (id) => this.#follow(id) });
  #setups = 0;

  /** Importing the file of `spec` gives its view. */
  expect(spec: ModuleSpec): void {
    this.#specs.set(canonical(spec.url), spec);
  }

  /** The statements of the view of `urlOrPath` are about to run. Called by the view itself, or by who compiles it. */
  begin(urlOrPath: string, version: number): void {
    const path = canonical(urlOrPath);
    const spec = this.#specs.get(path);
    if (!spec) return;
    this.#views.set(path, { spec, version });
    this.#scripts.clear();
    this.isOpen = true;
    const state = threadState();
    // A call that runs has imported it: nothing tells when it ends, and what is not known of it goes by the stack.
    if (state && state.loading === undefined) state.loading = spec.url;
    else this.#hook.enable();
  }

  /** The load has ended, and with it what its statements have started. */
  end(): void {
    this.isOpen = false;
    this.#hook.disable();
    this.#views.clear();
    this.#scripts.clear();
    this.#doers.clear();
    for (const cleanup of this.#cleanups) cleanup();
    this.#cleanups.clear();
  }

  /** Calls `cleanup` at the end of the load. */
  atEnd(cleanup: () => void): void {
    this.#cleanups.add(cleanup);
  }

  /** Runs `fn`, which every thread needs: nothing of it is trapped. */
  setup<T>(fn: () => T): T {
    this.#setups += 1;
    try {
      return fn();
    } finally {
      this.#setups -= 1;
    }
  }

  /** The statement that has led to the code that runs; `undefined` if it is not a view's doing. */
  origin(): Origin | undefined {
    if (!this.isOpen || this.#setups > 0) return undefined;
    const doer = this.#doer();
    return typeof doer === 'object' ? doer : undefined;
  }

  /** The statement in which `error` was made, if it is a view's. */
  originOf(error: Error): Origin | undefined {
    if (!this.isOpen) return undefined;
    const frames = stackOf(error);
    const doer = this.#doerOn(frames);
    if (doer) return typeof doer === 'object' ? doer : undefined;
    const index = frames.findLastIndex((frame) => this.#viewOf(frame));
    return this.#originAt(frames, index);
  }

  /** What begins now goes on for the same doer. */
  #follow(id: number): void {
    try {
      const doer = this.#setups > 0 ? 'setup' : this.#doer();
      if (doer) this.#doers.set(id, doer);
    } catch {
      // The stack is full: an error in a hook would end the thread.
    }
  }

  #doer(): Doer | undefined {
    const frames = runningOnly(stackAbove(stackAbove, Infinity));
    const shown = this.#doerOn(frames);
    if (shown) return shown;
    const known = this.#doers.get(executionAsyncId());
    if (known && known !== 'import') return known;
    // A function of the view that another module calls; the outermost one is nearest to the statement.
    const index = frames.findLastIndex((frame) => this.#viewOf(frame));
    return this.#originAt(frames, index) ?? known;
  }

  /** Whose doing the frames show to be. */
  #doerOn(frames: readonly Frame[]): Doer | undefined {
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

/** Node.js finds, reads, transforms or links a module. */
const isLoader = (frame: Frame): boolean => frame.getFileName()?.startsWith('node:internal/modules/') === true;

/** The scope of this thread. */
export const loadScope: LoadScope = shared('load scope', () => new LoadScope());
