/** A pool of threads for the calls of wrapped functions. @module */

import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { knowOtherCopies } from '../base/copies.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import type { Call } from '../call/call.ts';
import { makeExecutor } from '../call/executor.ts';
import type { Executor } from '../call/executor.ts';
import { callWithin } from '../context/within.ts';
import { shared } from '../base/realm.ts';
import { throwIfAborted } from '../base/signal.ts';
import { Engine } from './engine.ts';
import type { PoolEvents } from '../threads/events.ts';
import type { Histogram } from './figures/histogram.ts';
import { mapInOrder } from './map.ts';
import { closeOptions, mapOptions, poolOptions, readyOptions, poolSettings, threadOptions } from './pool-options.ts';
import type { CloseOptions, MapOptions, PoolSettings, ReadyOptions, ThreadPoolOptions } from './pool-options.ts';
import { callOnAll } from './call-on-all.ts';
import { preparation, wrappedFunction } from './own-call.ts';
import { closedError, closePool, terminatePool } from './pool-end.ts';
import { busyThreads, statsOf } from './pool-stats.ts';
import type { PoolStats } from './pool-stats.ts';

/** The default pool, shared by all copies of the library. */
const defaults = shared('default pool', () => ({ pool: undefined as ThreadPool | undefined }));

/** A wrapped function, as `threaded` gives it. */
interface Mapper<T, R> {
  with(options: { pool: ThreadPool; signal: AbortSignal }): (item: T) => Promise<R>;
}

/**
 * A pool of threads, each of which runs one call at a time. The pool starts threads when calls need them, in parallel
 * up to `size`; it replaces a thread that has died when the next call needs one. Within a priority, calls start in the
 * order in which they were made. An idle pool does not keep the process alive; a pending call does.
 *
 * Module state is per thread: a `let` that a call changes is changed in that call's thread only. Use `init` to prepare
 * every thread before its first call.
 *
 * A nested call, made by a callback of a running call, goes before all others, and is refused neither by `maxQueue` nor
 * by `close`. If all threads wait for callbacks, the pool starts extra threads for nested calls, up to a depth of 48; a
 * deeper call rejects with `ERR_OFFLOOP_DEADLOCK`.
 *
 * The event `'error'` reports failures that belong to no call: a thread that ended while it was idle, a `teardown` that
 * threw, a thread of `minThreads` that could not be started. `'threadStart'`, `'threadEnd'` and `'threadReplace'`
 * report the life of threads. None of these events needs a listener.
 *
 * @example
 * ```ts
 * await using pool = new ThreadPool({ size: 2 });
 * const results = await Promise.all([1, 2, 3].map((n) => work.with({ pool })(n)));
 * ```
 */
export class ThreadPool extends EventEmitter<PoolEvents> implements AsyncDisposable, Executor {
  readonly name: string;

  /** How many threads at the most. */
  readonly size: number;

  readonly #settings: PoolSettings;
  readonly #engine: Engine;

  /**
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if one of `initArgs` cannot cross.
   */
  constructor(given: ThreadPoolOptions = {}) {
    super();
    const options = poolOptions(given);
    const settings = (this.#settings = poolSettings(options));
    this.size = settings.size;
    this.name = settings.name;
    this.#engine = new Engine(this, settings, {
      threads: threadOptions(options),
      init: preparation(options.init, options.initArgs),
      teardown: preparation(options.teardown),
    });
    this.#engine.startMinimum();
  }

  /** The pool that wrappers use when they are not given one. */
  static get default(): ThreadPool {
    return (defaults.pool ??= new ThreadPool({ name: 'default' }));
  }

  /**
   * The present threads, as workers of Piscina.
   *
   * @internal
   */
  get workers(): readonly Worker[] {
    return this.#engine.threads.starts.workers;
  }

  /** How many calls the pool runs at once: its `size`. */
  get concurrency(): number {
    return this.size;
  }

  /** Whether it takes no more calls: `close()` or `terminate()` was called. */
  get closed(): boolean {
    return this.#engine.closing !== undefined;
  }

  /** Whether it refuses calls, beyond its `maxQueue`. */
  get isBounded(): boolean {
    return this.#settings.maxQueue !== Infinity;
  }

  /** Whether calls of one `key` share a thread for as long as it lives: it is not replaced after `maxTasksPerThread`. */
  get keepsThreads(): boolean {
    return this.#settings.maxTasksPerThread === Infinity;
  }

  /**
   * How many threads have a call, also one that was given up and has not ended there.
   *
   * @internal
   */
  get busyThreads(): number {
    return busyThreads(this.#engine);
  }

  /** What the pool is doing, and what it has done since it was made, or since {@link resetStats}. */
  stats(): PoolStats {
    return statsOf(this.#engine);
  }

  /**
   * Returns {@link stats}, and resets the counts and times of calls. The figures of `perThread` are not reset: they
   * count from the start of each thread.
   */
  resetStats(): PoolStats {
    const stats = this.stats();
    this.#engine.tally.reset();
    return stats;
  }

  /**
   * Copies of how long calls have waited and run so far, for who tells what was new since an earlier copy.
   *
   * @internal
   */
  get histograms(): { readonly waited: Histogram; readonly ran: Histogram } {
    return this.#engine.tally.histograms;
  }

  /**
   * Takes a call. Used by wrappers.
   *
   * @internal
   */
  submit(call: Call): void {
    if (call.settled) return;
    const { admission, closing, dispatcher, tally } = this.#engine;
    if (call.observer === undefined) call.observer = tally;
    else call.observe(tally);
    if (closing && (call.depth === 0 || closing.isOpen)) {
      const text = `Cannot call ${call.name}: the pool is closed`;
      return call.fail(new OffloopError('ERR_OFFLOOP_CLOSED', text));
    }
    if (admission.granted > 0) admission.used();
    dispatcher.submit(call);
  }

  /**
   * Resolves as soon as a call would not be refused because of `maxQueue`: at once if there is room. Waiting callers
   * are let in one by one, in order, as calls start; make the call before you await anything else.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the pool is closed, before or during the wait.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if a module's top level awaits it and the process would end.
   * @throws `signal.reason` if `signal` is aborted first. A signal with a timeout keeps the process alive until then.
   *
   * @example
   * ```ts
   * for (const path of paths) {
   *   await pool.ready();
   *   void hash(path).then(report);
   * }
   * ```
   */
  async ready(options: ReadyOptions = {}): Promise<void> {
    const { signal } = readyOptions(options);
    throwIfAborted(signal);
    if (this.#engine.closing) throw closedError(this.name);
    await this.#engine.admission.wait(signal);
  }

  /**
   * Calls `fn` in this pool for every item, and gives the results in the order of the items. At most `concurrency`
   * items are pulled ahead of the results taken, and none before the first result is asked for. An error of the items
   * or of a call is thrown in the order of the items. `break`, an error and an aborted `signal` close the items and
   * abort the outstanding calls.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function that `threaded` has wrapped.
   *
   * @example
   * ```ts
   * for await (const digest of pool.map(paths, hash, { concurrency: 8 })) console.log(digest);
   * ```
   */
  map<T, R>(
    items: Iterable<T> | AsyncIterable<T>,
    fn: Mapper<T, R>,
    options: MapOptions = {},
  ): AsyncGenerator<R, void, undefined> {
    const { signal, concurrency = 2 * this.size } = mapOptions(options);
    wrappedFunction('map with', fn);
    return mapInOrder(items, {
      concurrency,
      signal,
      caller: (ended) => {
        const call = fn.with({ pool: this, signal: ended });
        if (!this.isBounded) return call;
        return async (item) => {
          await this.ready({ signal: ended });
          return call(item);
        };
      },
    });
  }

  /**
   * Calls `fn` once in each thread, after the calls that the thread has, and resolves with the results. First starts
   * the missing threads, up to `size`. Threads that replace these later do not run `fn`: use `init` to prepare every
   * thread.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function that `threaded` has wrapped.
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` in a callback of a running call, whose thread could not run `fn`.
   * @throws The error of the first call that rejects, after all have settled.
   *
   * @example
   * ```ts
   * await pool.runOnAll(clearCache);
   * ```
   */
  async runOnAll<A extends unknown[], R>(fn: (...args: A) => Promise<R>, ...args: A): Promise<R[]> {
    return callOnAll(this.#engine.threads.slots.length, (call) => this.submit(call), fn, args);
  }

  /**
   * Replaces all present threads. For each, a new thread is started, and takes over once it is ready and the old one
   * has finished its call. New threads load modules anew and run `init`; old ones run `teardown` before they end, and
   * take calls until then. A thread for which no new one can be started ends when it is free. Resolves when all old
   * threads have ended; if native code keeps one from ending, a second after it was told to end.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` in a callback of a running call, whose thread is not free before.
   *
   * @example
   * ```ts
   * watch('settings.json', () => pool.recycle());
   * ```
   */
  async recycle(): Promise<void> {
    if (callWithin()) {
      const text =
        'Cannot recycle the threads of the pool from a callback of a call: the thread of that call waits for the callback';
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
    }
    await this.#engine.recycle();
  }

  /**
   * Lets running and waiting calls finish, refuses new ones with `ERR_OFFLOOP_CLOSED`, and ends the threads after their
   * `teardown`. With `waiting: 'reject'`, calls that have not started reject with `ERR_OFFLOOP_CLOSED` now. After
   * `timeout` milliseconds (default: no limit) the remaining calls reject in the same way; a timeout keeps the process
   * alive until then. Resolves as `terminate` does.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if a module's top level awaits it, generators are left that wait
   * for their consumers, and the process would end.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range; then nothing is closed.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    await closePool(this.#engine, closeOptions(options));
  }

  /**
   * Terminates the threads now. Calls that run or wait are rejected with `ERR_OFFLOOP_CLOSED`. Resolves when the
   * threads have ended; if native code such as `execSync` keeps one from ending, after a second. `stats().ending`
   * counts such threads.
   */
  async terminate(): Promise<void> {
    await terminatePool(this.#engine);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

makeExecutor(ThreadPool);
knowOtherCopies(ThreadPool, 'ThreadPool');

/** Makes `pool` the one that wrappers use when they are not given one. The previous default pool is not closed. */
export function setDefaultPool(pool: ThreadPool): void {
  if (!(pool instanceof ThreadPool)) throw argumentError('Cannot set the default pool: expected a ThreadPool');
  defaults.pool = pool;
}
