/** What pools do at one moment, and did since the moment before. @module */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, wallTime } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import type { Histogram } from '../pool/figures/histogram.ts';
import type { PoolStats, ThreadStats } from '../pool/pool-stats.ts';
import type { Counts } from '../pool/figures/tally.ts';
import type { ThreadPool } from '../pool/thread-pool.ts';

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

/** A node of a fleet. */
export interface NodeSample {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly threads: number;

  /** Calls that run, and that wait for a thread. */
  readonly busy: number;
  readonly queued: number;

  /** Calls that returned, and that failed, since it was started. */
  readonly completed: number;
  readonly failed: number;

  /** How long functions ran, in milliseconds. */
  readonly run: Pick<Quantiles, 'p50' | 'p99'>;

  /** Seconds since it was started. */
  readonly uptime: number;
}

/** What a monitor can tell of: a pool, or a fleet, which has nodes. */
export interface Monitored extends Pick<ThreadPool, 'name' | 'size' | 'closed'> {
  stats(): PoolStats;
  nodes?(): Promise<readonly NodeSample[]>;
}

/** How long nodes may take to answer, in milliseconds. */
const answerTime = 2000;

/** A pool or a fleet: what its `stats()` tell, and what was new since the sample before. */
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

  /** Of a fleet: its nodes. */
  readonly nodes?: readonly NodeSample[];
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
  readonly #pools: () => Iterable<Monitored>;
  readonly #nodes = new WeakMap<Monitored, readonly NodeSample[]>();
  readonly #earlier = new WeakMap<Monitored, Earlier>();

  // Its resolution is the least that it tells: a loop that is never late is told to be late by nothing.
  readonly #delay = monitorEventLoopDelay({ resolution });

  constructor(pools: () => Iterable<Monitored>) {
    this.#pools = pools;
    this.#delay.enable();
  }

  /** Asks fleets for their nodes; those that answer are in the next sample. */
  async ask(): Promise<void> {
    await Promise.all(Array.from(this.#pools(), async (pool) => this.#askFor(pool)));
  }

  async #askFor(pool: Monitored): Promise<void> {
    if (!pool.nodes || pool.closed) return void this.#nodes.delete(pool);
    const late = new Promise<undefined>((resolve) => void after(answerTime, () => resolve(undefined)));
    try {
      this.#nodes.set(pool, (await Promise.race([pool.nodes(), late])) ?? []);
    } catch {
      // There is no server.
      this.#nodes.set(pool, []);
    }
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

  #sample(pool: Monitored, at: number): PoolSample {
    const { waitTime: _, runTime: __, ...stats } = pool.stats();
    const { waited, ran } = (pool as Monitored & Pick<ThreadPool, 'histograms'>).histograms;
    const nodes = this.#nodes.get(pool);
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
      ...(nodes && { nodes: nodes.map(nodeSample) }),
    };
  }
}

/** What is told of a node: no more than the sample's own fields. */
function nodeSample(node: NodeSample): NodeSample {
  const { id, host, pid, threads, busy, queued, completed, failed, uptime } = node;
  const { p50, p99 } = node.run;
  return { id, host, pid, threads, busy, queued, completed, failed, run: { p50, p99 }, uptime };
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
  pools: () => Iterable<Monitored>,
  interval: number,
  signal: AbortSignal,
): AsyncGenerator<Sample, void, undefined> {
  using sampler = new Sampler(pools);
  while (!signal.aborted) {
    // One after the other.
    // oxlint-disable-next-line no-await-in-loop
    await sampler.ask();
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
