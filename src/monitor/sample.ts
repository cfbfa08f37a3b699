/** What pools do at one moment, and did since the moment before. @module */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, wallTime } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import { onAbort } from '../codec/on-abort.ts';
import type { Histogram } from '../pool/histogram.ts';
import type { ThreadStats } from '../pool/pool-thread.ts';
import type { Counts } from '../pool/tally.ts';
import type { PoolStats, ThreadPool } from '../pool/thread-pool.ts';

/** Percentiles, in milliseconds. */
export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

type Shown =
  | 'threads'
  | 'busy'
  | 'blocked'
  | 'iterating'
  | 'ending'
  | 'queued'
  | 'completed'
  | 'failed'
  | 'refused'
  | 'timedOut'
  | 'aborted'
  | 'lost'
  | 'utilization';

/** A pool: what its `stats()` tell, and what was new since the sample before. */
export interface PoolSample extends Pick<PoolStats & Counts, Shown> {
  readonly name: string;

  /** How many threads at the most. */
  readonly size: number;

  /** Calls that returned, and that failed, in a second. */
  readonly returns: number;
  readonly failures: number;

  /** How long calls waited, and functions ran, that settled since the sample before; `0` if there were none. */
  readonly wait: Quantiles;
  readonly run: Quantiles;
  readonly perThread: readonly ThreadStats[];
}

/** All pools at one moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;

  /** How late the event loop of main was since the sample before, in milliseconds. */
  readonly loop: Quantiles & { readonly max: number };
  readonly pools: readonly PoolSample[];
}

interface Earlier {
  readonly at: number;
  readonly completed: number;
  readonly failed: number;
  readonly waited: Histogram;
  readonly ran: Histogram;
}

/** Takes one sample after the other. */
export class Sampler implements Disposable {
  readonly #pools: () => Iterable<ThreadPool>;
  readonly #earlier = new WeakMap<ThreadPool, Earlier>();

  // Its resolution is the least that it tells: a loop that is never late is told to be late by nothing.
  readonly #delay = monitorEventLoopDelay({ resolution });

  constructor(pools: () => Iterable<ThreadPool>) {
    this.#pools = pools;
    this.#delay.enable();
  }

  take(): Sample {
    const at = wallTime();
    const pools = Array.from(this.#pools(), (pool) => this.#sample(pool, at));
    const late = (nanoseconds: number): number =>
      Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e6 - resolution) : 0;
    const loop =
      this.#delay.count === 0
        ? still
        : {
            p50: late(this.#delay.percentile(50)),
            p90: late(this.#delay.percentile(90)),
            p99: late(this.#delay.percentile(99)),
            max: late(this.#delay.max),
          };
    this.#delay.reset();
    return { at, loop, pools };
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }

  #sample(pool: ThreadPool, at: number): PoolSample {
    const { waitTime: _, runTime: __, ...stats } = pool.stats();
    const { waited, ran } = pool.histograms;
    const { completed, failed } = stats;
    const before = this.#earlier.get(pool);
    this.#earlier.set(pool, { at, completed, failed, waited, ran });
    // Counts that are less than before were reset.
    const isLater = before !== undefined && completed >= before.completed && failed >= before.failed && at > before.at;
    const perSecond = (count: number, earlier: number): number =>
      isLater ? ((count - earlier) * 1000) / (at - before.at) : 0;
    return {
      name: pool.name,
      size: pool.size,
      ...stats,
      returns: perSecond(completed, before?.completed ?? 0),
      failures: perSecond(failed, before?.failed ?? 0),
      wait: before ? quantiles(waited.since(before.waited)) : none,
      run: before ? quantiles(ran.since(before.ran)) : none,
    };
  }
}

const resolution = 10;
const none = { p50: 0, p90: 0, p99: 0 };
const still = { ...none, max: 0 };

function quantiles(histogram: Histogram): Quantiles {
  const [p50, p90, p99] = [50, 90, 99].map((percent) => histogram.percentile(percent)) as [number, number, number];
  return { p50, p90, p99 };
}

/** Samples, one at once and the next ones each `interval` milliseconds, until `signal` is aborted. */
export async function* samples(
  pools: () => Iterable<ThreadPool>,
  interval: number,
  signal: AbortSignal,
): AsyncGenerator<Sample, void, undefined> {
  using sampler = new Sampler(pools);
  while (!signal.aborted) {
    yield sampler.take();
    // One after the other.
    // oxlint-disable-next-line no-await-in-loop
    await pause(interval, signal);
  }
}

async function pause(time: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = after(time, end);
    const forget = onAbort(signal, end);
    function end(): void {
      timer.cancel();
      forget();
      resolve();
    }
  });
}
