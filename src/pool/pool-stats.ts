/** What a pool and its threads are doing, and what they have done. @module */

import { now } from '../base/clock.ts';
import type { Engine } from './engine.ts';
import type { PoolThread } from './threads/pool-thread.ts';
import type { Counts } from './figures/tally.ts';

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

/** What a thread is doing, and what it has done. */
export interface ThreadStats {
  /** The result of `threadNumber()` in the thread. */
  readonly number: number;

  /** The `threadId` of `node:worker_threads`. */
  readonly threadId: number;

  /** How many calls the thread has answered since it was ready, without `init`. */
  readonly calls: number;

  /** Whether the thread runs a call; whether that waits for a callback or its consumer; whether it is an iterator's. */
  readonly busy: boolean;
  readonly blocked: boolean;
  readonly iterating: boolean;

  /** How many milliseconds the functions of those calls ran. */
  readonly runTime: number;

  /** How many milliseconds ago the thread became ready. */
  readonly age: number;
}

/** What the pool of `engine` is doing, and what it has done. */
export function statsOf(engine: Engine): PoolStats {
  const { threads, backlog, tally } = engine;
  const { alive } = threads;
  const serving = alive.filter(({ isServing }) => isServing);
  return {
    threads: serving.length,
    busy: busyThreads(engine),
    blocked: serving.filter(({ isBlocked }) => isBlocked).length,
    iterating: serving.filter(({ lane }) => lane.calls.streams > 0).length,
    ending: alive.filter(({ hasThread, isEnding }) => hasThread && isEnding).length,
    queued: backlog.size,
    perThread: serving.map(threadStats).toSorted((a, b) => a.number - b.number),
    ...tally.counts,
  };
}

/** How many threads have a call, also one that was given up and has not ended there. */
export function busyThreads({ threads }: Engine): number {
  return threads.alive.filter(({ isBusy }) => isBusy).length;
}

function threadStats({
  number,
  threadId,
  answered,
  isBusy,
  isBlocked,
  lane,
  runTime,
  readySince,
}: PoolThread): ThreadStats {
  return {
    number,
    threadId,
    calls: answered,
    busy: isBusy,
    blocked: isBlocked,
    iterating: lane.calls.streams > 0,
    runTime,
    age: now() - readySince,
  };
}
