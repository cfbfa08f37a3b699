/** The options of a pool. @module */

import { definitionOf, receiverOf } from '../address/wrapped.ts';
import { argumentError } from '../base/errors.ts';
import { bare, count, duration, kind, list, oneOf, ownOptions, timeLimit } from '../base/options.ts';
import { signalCheck } from '../base/signal.ts';
import { parallelism } from './parallelism.ts';
import type { ThreadOptions } from '../threads/start.ts';

/** Options of `ThreadPool`. */
export interface ThreadPoolOptions extends ThreadOptions {
  /**
   * How many threads at the most; a whole number from 1. @defaultValue `availableParallelism()`, or less by cgroup
   * limits
   */
  size?: number;

  /** Another name for `size`, to go with `minThreads`; give one of the two. @defaultValue as `size` */
  maxThreads?: number;

  /**
   * How many threads are started with the pool and stay, idle or not; a whole number up to `size`. @defaultValue `0`
   */
  minThreads?: number;

  /** How long a thread may be idle before it is ended, in milliseconds; above 0. @defaultValue `Infinity` */
  idleTimeout?: number;

  /** How many calls may wait for a thread before more are refused; a whole number from 0. @defaultValue `Infinity` */
  maxQueue?: number;

  /**
   * How long, in milliseconds, a call that was given up may take to end by itself before its thread is terminated.
   * Applies to calls that can notice that they were given up: they have an `AbortSignal`, have called `callSignal()`,
   * or await a callback. Also how long `teardown` may take. From 0. @defaultValue `1000`
   */
  grace?: number;

  /**
   * A wrapped function that each thread runs before its first call. If it throws, the thread is not used. @defaultValue
   * none
   */
  init?: (...args: never) => Promise<unknown>;

  /**
   * The arguments of `init`. They are copied when the pool is made, as arguments of a call are; each thread gets a copy
   * of its own, also threads that replace others. Functions, signals, iterables and objects that can only be
   * transferred are refused. @defaultValue `[]`
   */
  initArgs?: readonly unknown[];

  /** A wrapped function that each thread runs before it is ended; not if it is terminated. @defaultValue none */
  teardown?: () => Promise<unknown>;

  /**
   * How many calls a thread may start before it is replaced, not counting `init` and `teardown`; a whole number from 1.
   * The replacement is started while the last call runs. `1` gives each call a fresh thread. @defaultValue `Infinity`
   */
  maxTasksPerThread?: number;

  /** A thread is replaced when it uses so many bytes of heap, garbage included; from 1. @defaultValue `Infinity` */
  maxHeap?: number;

  /** A thread is replaced after so many milliseconds; above 0. @defaultValue `Infinity` */
  maxAge?: number;

  /** Shown in messages and traces. @defaultValue `'pool'` */
  name?: string;
}

/** Options of `ThreadPool.close`. */
export interface CloseOptions {
  /** How long to wait for the remaining calls, in milliseconds; from 0. @defaultValue `Infinity` */
  timeout?: number;

  /**
   * What happens to calls that have not started: they `'finish'` as the running ones do, or `'reject'` at once with
   * `ERR_OFFLOOP_CLOSED`. Calls that a callback of a running call makes always finish, because that call waits for
   * them.
   * @defaultValue `'finish'`
   */
  waiting?: 'finish' | 'reject';
}

/** Options of `ThreadPool.ready`. */
export interface ReadyOptions {
  /** Ends the wait: it rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal;
}

/** Options of `ThreadPool.map`. */
export interface MapOptions {
  /** How many items may be pulled ahead of the results taken; from 1. @defaultValue twice the pool's `size` */
  concurrency?: number;

  /** Aborts the calls: the iterator throws `signal.reason`. @defaultValue none */
  signal?: AbortSignal;
}

/** The options with their defaults. */
export type PoolSettings = Required<
  Omit<ThreadPoolOptions, 'init' | 'initArgs' | 'maxThreads' | 'teardown' | keyof ThreadOptions>
>;

/**
 * Checks `given`, and gives its own properties.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
 */
export function poolOptions(given: ThreadPoolOptions): ThreadPoolOptions {
  return ownOptions('ThreadPool', given, poolChecks);
}

/**
 * Adds the defaults to checked options.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if one option contradicts another.
 */
export function poolSettings(options: ThreadPoolOptions): PoolSettings {
  const { maxThreads, size = maxThreads ?? parallelism(), minThreads = 0 } = options;
  if (maxThreads !== undefined && maxThreads !== size) {
    throw argumentError(`Cannot use the option maxThreads of ThreadPool: it is ${maxThreads}, but size is ${size}`);
  }
  if (minThreads > size) {
    throw argumentError(`Cannot use the option minThreads of ThreadPool: it is ${minThreads}, but size is ${size}`);
  }
  if (options.initArgs && !options.init)
    throw argumentError('Cannot use the option initArgs of ThreadPool: there is no init');
  return {
    size,
    minThreads,
    idleTimeout: options.idleTimeout ?? Infinity,
    maxQueue: options.maxQueue ?? Infinity,
    grace: options.grace ?? 1000,
    maxTasksPerThread: options.maxTasksPerThread ?? Infinity,
    maxHeap: options.maxHeap ?? Infinity,
    maxAge: options.maxAge ?? Infinity,
    name: options.name ?? 'pool',
  };
}

/** Checks the options of `close`. */
export function closeOptions(given: CloseOptions): CloseOptions {
  return ownOptions('close', given, {
    timeout: timeLimit,
    waiting: oneOf('finish', 'reject'),
  });
}

/** Checks the options of `ready`. */
export function readyOptions(given: ReadyOptions): ReadyOptions {
  return ownOptions('ready', given, { signal });
}

/** Checks the options of `map`. */
export function mapOptions(given: MapOptions): MapOptions {
  return ownOptions('map', given, { signal, concurrency: count(1) });
}

const signal = signalCheck;

const wrapped = (value: unknown): string | undefined => {
  const definition = definitionOf(value);
  if (!definition) return 'a function that threaded has wrapped';
  return definition.instance && !receiverOf(value as Function) ? 'a method that was read from its instance' : undefined;
};

const poolChecks = {
  size: count(1),
  maxThreads: count(1),
  minThreads: count(0),
  idleTimeout: duration,
  maxQueue: count(0, { unbounded: true }),
  grace: timeLimit,
  init: wrapped,
  initArgs: list,
  teardown: wrapped,
  maxTasksPerThread: count(1, { unbounded: true }),
  maxHeap: count(1, { unbounded: true }),
  maxAge: duration,
  name: kind('string'),
  env: kind('object', 'symbol'),
  execArgv: kind('object'),
  resourceLimits: kind('object'),
};

/** Picks the options for starting threads. */
export function threadOptions({ env, execArgv, resourceLimits }: ThreadPoolOptions): ThreadOptions {
  return bare({
    ...(env && { env }),
    ...(execArgv && { execArgv }),
    ...(resourceLimits && { resourceLimits: bare(resourceLimits) }),
  });
}
