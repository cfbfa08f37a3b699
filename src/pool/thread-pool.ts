/** A pool of threads for the calls of wrapped functions. @module */

import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { interruptLoad } from '../address/load.ts';
import { onRenewed } from '../address/registry.ts';
import { after } from '../base/clock.ts';
import { argumentError, OffloopError } from '../base/errors.ts';
import { Promise, WeakRef } from '../base/intrinsics.ts';
import type { Call } from '../call/call.ts';
import { makeExecutor } from '../call/executor.ts';
import type { Executor } from '../call/executor.ts';
import { orNeverSettles } from '../wait/loop-waits.ts';
import { callWithin } from '../context/within.ts';
import { shared, threadState } from '../base/realm.ts';
import { throwIfAborted } from '../base/signal.ts';
import { Engine } from './engine.ts';
import type { PoolEvents } from '../threads/events.ts';
import { mapInOrder } from './map.ts';
import { closeOptions, mapOptions, poolOptions, readyOptions, poolSettings, threadOptions } from './pool-options.ts';
import type { CloseOptions, MapOptions, PoolSettings, ReadyOptions, ThreadPoolOptions } from './pool-options.ts';
import { ownCall, preparation, wrappedFunction } from './own-call.ts';
import type { ThreadStats } from './pool-thread.ts';
import type { Counts } from './tally.ts';

/** What a pool is doing, and what it has done. */
export interface PoolStats extends Counts {
  /** Threads that take calls. */
  readonly threads: number;

  /** Threads that run a call. */
  readonly busy: number;

  /** Busy threads whose call waits for a callback, or whose generator waits for its consumer. */
  readonly blocked: number;

  /** Busy threads that are held by an iterator: from its first `next()` until its generator has ended. */
  readonly iterating: number;

  /** Threads that were told to end and have not ended: they run `teardown`, or native code keeps them. */
  readonly ending: number;

  /** Calls that have not started. */
  readonly queued: number;

  /** The threads that take calls, by their numbers. */
  readonly perThread: readonly ThreadStats[];
}

/** Where the default pool is kept, for all copies of the library. */
const defaults = shared('default pool', () => ({ pool: undefined as ThreadPool | undefined }));

/** A wrapped function whose calls take options, as `threaded` gives it. */
interface Mapper<T, R> {
  with(options: { pool: ThreadPool; signal: AbortSignal }): (item: T) => Promise<R>;
}

/**
 * Threads that run calls, one at a time each. They are started when calls need them, in parallel up to `size`; a thread
 * that dies is replaced when the next call needs it. Within a priority, calls start in the order in which they were made.
 * An idle pool does not keep the process alive; a pending call does.
 *
 * Module state is per thread: a `let` that a call changes is changed in that call's thread only. What every thread needs
 * before its first call is for `init` to do.
 *
 * A call that a callback of a running call makes goes before all others, and is refused neither by `maxQueue` nor by
 * `close`. Where all threads wait for callbacks, the pool starts more of them for such calls, for 48 within each other;
 * one more rejects with `ERR_OFFLOOP_DEADLOCK`.
 *
 * The event `'error'` tells of failures that no call is told of: a thread that ended while it was idle, a `teardown` that
 * threw, a thread of `minThreads` that could not be started. `'threadStart'`, `'threadEnd'` and `'threadReplace'` tell of
 * threads. Nobody has to listen.
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
  readonly #forgetRenewals: () => void;

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
    const self = new WeakRef(this);
    this.#forgetRenewals = onRenewed(() => {
      const pool = self.deref();
      if (pool) pool.#engine.renew();
    });
    this.#engine.startMinimum();
  }

  /** The pool that wrappers use when they are not given one. */
  static get default(): ThreadPool {
    return (defaults.pool ??= new ThreadPool({ name: 'default' }));
  }

  /**
   * The threads that are there, as Piscina has them.
   *
   * @internal
   */
  get workers(): readonly Worker[] {
    return this.#engine.threads.workers;
  }

  /** How many calls it runs at once: as many as it may have threads. */
  get concurrency(): number {
    return this.size;
  }

  /** What the pool is doing, and what it has done since it was made, or since {@link resetStats}. */
  stats(): PoolStats {
    const { threads, dispatcher, tally } = this.#engine;
    const { alive } = threads;
    const serving = alive.filter(({ isServing }) => isServing);
    return {
      threads: serving.length,
      busy: serving.filter(({ isBusy }) => isBusy).length,
      blocked: serving.filter(({ isBlocked }) => isBlocked).length,
      iterating: serving.filter(({ lane }) => lane.isStreaming).length,
      ending: alive.filter(({ hasThread, isEnding }) => hasThread && isEnding).length,
      queued: dispatcher.unstarted,
      perThread: serving.map((thread) => thread.stats).toSorted((a, b) => a.number - b.number),
      ...tally.counts,
    };
  }

  /**
   * Gives what {@link stats} gives, and lets the counts and times of calls begin anew. What the threads have done, of
   * `perThread`, counts from the start of each thread.
   */
  resetStats(): PoolStats {
    const stats = this.stats();
    this.#engine.tally.reset();
    return stats;
  }

  /**
   * Takes a call in. Used by wrappers.
   *
   * @internal
   */
  submit(call: Call): void {
    if (call.settled) return;
    const { admission, closing, dispatcher, tally } = this.#engine;
    call.observe(tally);
    if (closing && (call.depth === 0 || closing.isOpen)) {
      const text = `Cannot call ${call.name}: the pool is closed`;
      return call.fail(new OffloopError('ERR_OFFLOOP_CLOSED', text));
    }
    admission.used();
    dispatcher.submit(call);
  }

  /**
   * Resolves as soon as a call would not be refused for `maxQueue`: at once where there is room. Who waits is let in one by
   * one, in order, as calls start; make the call before anything else is awaited.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the pool is closed, or is while it waits.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if a module's top level awaits it and the process would end.
   * @throws `signal.reason` if `signal` is aborted first; the process lives on for a signal that time aborts.
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
    if (this.#engine.closing) throw this.#closedError();
    await this.#engine.admission.wait(signal);
  }

  /**
   * Calls `fn` in this pool for every item, and gives the results in the order of the items. At most `concurrency` items
   * are pulled whose results were not yet taken, and none before the first result is asked for. What the items or a call
   * throw ends it, in the order of the items. `break`, an error and an aborted `signal` close the items and abort the
   * calls that are out.
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
    const isBounded = this.#settings.maxQueue !== Infinity;
    return mapInOrder(items, {
      concurrency,
      signal,
      caller: (ended) => {
        const call = fn.with({ pool: this, signal: ended });
        if (!isBounded) return call;
        return async (item) => {
          await this.ready({ signal: ended });
          return call(item);
        };
      },
    });
  }

  /**
   * Calls `fn` once in each thread, after the calls that it runs, and gives the results. Threads that are not there yet
   * are started, up to `size`. Those that replace them later have not run it: use `init` for what every thread needs.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function that `threaded` has wrapped. Otherwise as the
   * first of its calls that rejects, after all have settled.
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` in a callback of a running call, since its thread cannot run it.
   *
   * @example
   * ```ts
   * await pool.runOnAll(clearCache);
   * ```
   */
  async runOnAll<A extends unknown[], R>(fn: (...args: A) => Promise<R>, ...args: A): Promise<R[]> {
    const definition = wrappedFunction('run on all threads', fn);
    // As a call of `fn` would be.
    if (threadState()?.loading !== undefined && interruptLoad(definition.name)) return new Promise(() => {});
    if (callWithin()) {
      const text = `Cannot run ${definition.name || 'the function'} on all threads in a callback: one of them waits for it`;
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
    }
    const calls = this.#engine.threads.slots.map(async (_, place) => {
      const call = ownCall(fn, args);
      call.place = place;
      this.submit(call);
      return call.promise as Promise<R>;
    });
    await Promise.allSettled(calls);
    return Promise.all(calls);
  }

  /**
   * Replaces every thread that is there: another one is started for it, and takes over once that is ready and the call that
   * the thread runs, if any, is over. Modules are loaded anew, `init` runs anew, and `teardown` before the end. Until then
   * the threads take calls; a thread for which no other one can be started ends when it is free. Resolves when all of them
   * have ended, or, if native code keeps one, a second after it was told to end.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` in a callback of a running call, since its thread is not free before.
   *
   * @example
   * ```ts
   * watch('settings.json', () => pool.recycle());
   * ```
   */
  async recycle(): Promise<void> {
    if (callWithin()) {
      const text = 'Cannot recycle the threads of the pool in a callback: one of them waits for it';
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
    }
    await this.#engine.recycle();
  }

  /**
   * Lets running and waiting calls finish, refuses new ones with `ERR_OFFLOOP_CLOSED`, and ends the threads after their
   * `teardown`. With `waiting: 'reject'` calls that have not started reject with `ERR_OFFLOOP_CLOSED` now. After `timeout`
   * milliseconds (default: no limit) so do the calls that are left; the process lives on until then. Resolves as
   * `terminate` does.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if a module's top level awaits it, generators are left that wait for
   * their consumers, and the process would end.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range; then nothing is closed.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const { timeout = Infinity, waiting = 'finish' } = closeOptions(options);
    const { dispatcher, threads } = this.#engine;
    const closing = this.#engine.beginClosing(this.#closedError());
    if (waiting === 'reject') {
      const text = 'The pool was closed before it had started';
      dispatcher.abortWaiting(({ name }) => new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot call ${name}: ${text}`));
    }
    this.#engine.onChange();
    const timer = after(timeout, () => void this.terminate());
    timer.hold();
    await orNeverSettles(closing.opened);
    this.#forgetRenewals();
    this.#engine.stop();
    await threads.close();
    timer.cancel();
  }

  /**
   * Ends the threads now. Calls that run or wait are rejected with `ERR_OFFLOOP_CLOSED`. Resolves when the threads have
   * ended; if native code keeps one that does not return, such as `execSync`, after a second. `stats().ending` counts those.
   */
  async terminate(): Promise<void> {
    const { dispatcher, threads } = this.#engine;
    this.#engine.beginClosing(this.#closedError()).open();
    const error = (call: Call): OffloopError =>
      new OffloopError('ERR_OFFLOOP_CLOSED', `The pool was terminated before ${call.name} was done`);
    dispatcher.abortAll(error);
    for (const { lane } of threads.alive) for (const call of lane.calls.all()) call.fail(error(call));
    this.#forgetRenewals();
    this.#engine.stop();
    await threads.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #closedError(): OffloopError {
    return new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot wait for ${this.name}: it is closed`);
  }
}

makeExecutor(ThreadPool);

/** Makes `pool` the one that wrappers use when they are not given one. The one before it is not closed. */
export function setDefaultPool(pool: ThreadPool): void {
  if (!(pool instanceof ThreadPool)) throw argumentError('Cannot set the default pool: expected a ThreadPool');
  defaults.pool = pool;
}
