/** Counts what a pool's calls did, and how long they waited and ran. @module */

import { now } from '../../base/clock.ts';
import type { Ending } from '../../call/ending.ts';
import type { CallObserver } from '../../call/observer.ts';
import { Histogram } from './histogram.ts';

/** The distribution of durations, in milliseconds; `0` if there were none. */
export interface Durations {
  /** How many there were, and what they add up to. */
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly mean: number;

  /** The standard deviation. */
  readonly deviation: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** The statistics of a pool's calls. */
export interface Counts {
  /** Calls that returned. */
  readonly completed: number;

  /** All calls that did not return: those that threw, and those of the next four counts. */
  readonly failed: number;

  /** Calls that the pool did not take, because it was full or closed, or because the call could never have run. */
  readonly refused: number;

  /** Calls that reached their `timeout` or `queueTimeout`. */
  readonly timedOut: number;

  /** Calls whose signal was aborted, and iterators that were given up. */
  readonly aborted: number;

  /** Calls whose thread ended while they ran. */
  readonly lost: number;

  /** The time of calls outside their functions: waiting to start, and the way of the result. */
  readonly waitTime: Durations;

  /** How long functions ran. */
  readonly runTime: Durations;

  /** The part of the threads' time in which they ran functions; from `0` to `1`. */
  readonly utilization: number;
}

/** How many calls are sorted into the histograms at once. */
const atOnce = 64;

/**
 * Counts the calls of a pool since it was made, or since `reset`.
 *
 * Invariant: the times of a call are in the histograms, or among the recent ones.
 */
export class Tally implements CallObserver {
  /** How long the last calls have waited and run, by turns: to sort each at once would take three more functions. */
  readonly #recent = new Float64Array(2 * atOnce);
  #recentCount = 0;

  #ended = noCalls();
  #waited = new Histogram();
  #ran = new Histogram();
  #threads = 0;

  /** Milliseconds that functions ran; milliseconds that threads existed, summed up until `#since`. */
  #runSum = 0;
  #threadSum = 0;
  #since = now();

  /** Counts a call that has settled. */
  settled(ending: Ending, waited: number | undefined, ran: number | undefined): void {
    this.#ended[ending] += 1;
    if (waited === undefined || ran === undefined) return;
    const at = this.#recentCount;
    this.#recent[at] = waited;
    this.#recent[at + 1] = ran;
    this.#recentCount = at + 2;
    this.#runSum += ran;
    if (at + 2 === this.#recent.length) this.#sort();
  }

  /** Sorts the times of the last calls into the histograms. */
  #sort(): void {
    for (let i = 0; i < this.#recentCount; i += 2) {
      this.#waited.record(this.#recent[i] as number);
      this.#ran.record(this.#recent[i + 1] as number);
    }
    this.#recentCount = 0;
  }

  /** Called when the number of threads has changed to `count`. */
  threads(count: number): void {
    this.#threadSum += this.#threads * (now() - this.#since);
    this.#since = now();
    this.#threads = count;
  }

  /** Resets all counts to zero. */
  reset(): void {
    this.#ended = noCalls();
    this.#recentCount = 0;
    this.#waited = new Histogram();
    this.#ran = new Histogram();
    this.#runSum = 0;
    this.#threadSum = 0;
    this.#since = now();
  }

  /** Copies of how long calls have waited, and functions have run, so far. */
  get histograms(): { readonly waited: Histogram; readonly ran: Histogram } {
    this.#sort();
    return { waited: this.#waited.since(undefined), ran: this.#ran.since(undefined) };
  }

  get counts(): Counts {
    this.threads(this.#threads);
    this.#sort();
    const { returned, threw, refused, timedOut, aborted, lost } = this.#ended;
    return {
      completed: returned,
      failed: threw + refused + timedOut + aborted + lost,
      refused,
      timedOut,
      aborted,
      lost,
      waitTime: durations(this.#waited),
      runTime: durations(this.#ran),
      utilization: this.#threadSum === 0 ? 0 : Math.min(1, this.#runSum / this.#threadSum),
    };
  }
}

function noCalls(): Record<Ending, number> {
  return { returned: 0, threw: 0, refused: 0, timedOut: 0, aborted: 0, lost: 0 };
}

function durations(histogram: Histogram): Durations {
  const [p50, p90, p99] = [50, 90, 99].map((percent) => histogram.percentile(percent)) as [number, number, number];
  const { count, sum, min, mean, deviation, max } = histogram;
  return { count, sum, min, mean, deviation, p50, p90, p99, max };
}
