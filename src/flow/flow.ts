/** Handlers of sources, and what runs them. @module */

import { argumentError, OffloopError } from '../base/errors.ts';
import { duration, ownOptions } from '../base/options.ts';
import { shared, threadState } from '../base/realm.ts';
import type { AnyIterable, ItemOf, ValueOf } from '../streams/index.ts';
import { checkedIterable } from '../streams/arguments/iterables.ts';
import { handlePlan } from './handle-options.ts';
import type { HandleOptions, Pipe } from './handle-options.ts';
import type { Register } from './handler-types.ts';
import { runPlan } from './run-options.ts';
import type { RunOptions } from './run-options.ts';
import type { ExitHook } from './run/exit-hooks.ts';
import { FlowRun } from './run/flow-run.ts';
import type { Registration } from './run/handler-run.ts';

/** Options of `onExit`. */
export interface ExitOptions {
  /** How long the function may take, in milliseconds; above 0. @defaultValue the `closeTimeout` of the run */
  timeout?: number | undefined;
}

/** Options whose `pipe` is one of these functions. */
type Piped<P extends readonly unknown[]> = Omit<HandleOptions, 'pipe'> & { pipe: P };

/** One of more than two: what its handler is given has to be said, as in `handle<number>(…)`. */
type Any = (items: never) => AnyIterable<unknown>;

/** The value of an item of `S`. */
type Value<S> = ValueOf<ItemOf<S>>;

/** A set of handlers, which are run together. */
export interface Flow {
  /**
   * Registers a handler: a function that is called for each item of `source`, in order, once `run` is called. What it returns
   * goes to the `sinks`, one after the other, each of which is awaited: `undefined` is no result, `null` is one, and a
   * generator gives a result for each `yield`. A wrapped function runs off the loop.
   *
   * Several handlers may have the same source: it is iterated once, each handler gets every item, and the slowest bounds the
   * others. Of events the handler is given the values; an event is acknowledged once all handlers of its source have done with
   * it.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `source` is not iterable, an option is unknown or out of range, or the handler
   * is no function.
   * @throws {OffloopError} `ERR_OFFLOOP_BUSY` while the flow runs.
   *
   * @example
   * ```ts
   * handle(numbers(), { sinks: [console.log] })(function* (n) {
   *   if (n % 2 === 0) yield `even: ${n}`;
   * });
   * await run();
   * ```
   */
  handle: Handle;

  /**
   * Runs all handlers that were registered, until their sources have ended: handlers of one source as `handle` says, different
   * sources side by side. Then the exit hooks are called. Resolves with the name of the signal of the operating system that
   * has ended it, or `undefined`.
   *
   * The first error, of a source, a handler or a sink, stops the run: calls of wrapped functions are aborted, each handler
   * ends after what it has in hand, every source is closed, events that were not dealt with are handed back, and the run
   * rejects with that error. An abort of `signal` does the same with its reason. The handlers stay registered: sources that
   * can be iterated again are, by the next run.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   * @throws {OffloopError} `ERR_OFFLOOP_BUSY` if the flow runs already; `ERR_OFFLOOP_REENTRY` in a thread that loads the module;
   * `ERR_OFFLOOP_TIMEOUT` if it was to drain, or an exit hook to end, and took longer than `closeTimeout`.
   */
  run(options?: RunOptions): Promise<NodeJS.Signals | undefined>;

  /** Ends the run without an error: the sources are asked for no more, and what they have given is handled. */
  drain(): void;

  /**
   * Has `fn` called when a run has ended, however that was; the last one that was registered first, one after the other. It
   * may be registered, and taken back, while the flow runs; what is registered by such a function counts for the next run. An
   * error, or a function that takes too long, rejects a run that has not failed before. Returns what takes it back.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is no function, or an option is unknown or out of range.
   */
  onExit(fn: () => unknown, options?: ExitOptions): () => void;
}

/** See {@link Flow.handle}. */
export interface Handle {
  <S extends AnyIterable<unknown>, A>(source: S, options: Piped<readonly [Pipe<Value<S>, A>]>): Register<ValueOf<A>>;
  <S extends AnyIterable<unknown>, A, B>(
    source: S,
    options: Piped<readonly [Pipe<Value<S>, A>, Pipe<ValueOf<A>, B>]>,
  ): Register<ValueOf<B>>;
  <S extends AnyIterable<unknown>>(source: S, options?: HandleOptions & { pipe?: undefined }): Register<Value<S>>;
  <T>(source: AnyIterable<unknown>, options: Piped<readonly [Any, Any, Any, ...Any[]]>): Register<T>;
}

class HandlerSet implements Flow {
  readonly #registrations: Registration[] = [];
  readonly #hooks = new Set<ExitHook>();
  #run: FlowRun | undefined;

  readonly handle = ((source: AnyIterable<unknown>, options?: HandleOptions) => {
    const checked = checkedIterable('handle items', source);
    const plan = handlePlan(options);
    return <F>(fn: F, context?: unknown): F => {
      if (typeof fn !== 'function')
        throw argumentError(`Cannot handle items: expected a function, received ${typeof fn}`);
      if (context !== undefined) throw argumentError('Cannot decorate a method with handle: give it a function');
      if (this.#run) throw busyError('add a handler');
      this.#registrations.push({ source: checked, fn, plan });
      return fn;
    };
  }) as Handle;

  readonly run = async (options: RunOptions = {}): Promise<NodeJS.Signals | undefined> => {
    const plan = runPlan(options);
    if (threadState()?.loading !== undefined) throw reentryError();
    if (this.#run) throw busyError('run');
    const run = new FlowRun(this.#registrations, this.#hooks, plan);
    this.#run = run;
    try {
      return await run.run();
    } finally {
      this.#run = undefined;
    }
  };

  readonly drain = (): void => this.#run?.drain();

  readonly onExit = (fn: () => unknown, options: ExitOptions = {}): (() => void) => {
    if (typeof fn !== 'function') throw argumentError(`Cannot use onExit: expected a function, received ${typeof fn}`);
    const { timeout } = ownOptions('onExit', options, { timeout: duration });
    const hook: ExitHook = { fn, timeout };
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  };
}

function busyError(action: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_BUSY', `Cannot ${action}: the flow is running`);
}

function reentryError(): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_REENTRY',
    'Cannot run a flow in a thread that loads the module: move the wrapped functions to a module of their own',
  );
}

/**
 * Makes a flow of its own, beside that of `handle` and `run`, for tests and for programs that have several.
 *
 * @example
 * ```ts
 * const { handle, run } = flow();
 * handle([1, 2, 3])(console.log);
 * await run();
 * ```
 */
export function flow(): Flow {
  return new HandlerSet();
}

/** The flow of the program. */
const program: Flow = shared('flow', flow);

/** See {@link Flow.handle}. */
export const handle: Handle = program.handle;

/** See {@link Flow.run}. */
export const run: Flow['run'] = program.run;

/** See {@link Flow.drain}. */
export const drain: Flow['drain'] = program.drain;

/** See {@link Flow.onExit}. */
export const onExit: Flow['onExit'] = program.onExit;
