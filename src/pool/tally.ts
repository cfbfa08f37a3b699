/** Counts what a pool's calls did, and how long they waited and ran. @module */

import { now } from '../base/clock.ts';
import type { CallObserver } from '../call/observer.ts';
import { Histogram } from './histogram.ts';

/** The distribution of durations, in milliseconds; `0` if there were none. */
export interface Durations {
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

  /** Calls that threw, were given up, refused or lost. */
  readonly failed: number;

  /** The time of calls outside their functions: waiting to start, and the way of the result. */
  readonly waitTime: Durations;

  /** How long functions ran. */
  readonly runTime: Durations;

  /** The part of the threads' time in which they ran functions; from `0` to `1`. */
  readonly utilization: number;
}

/** Counts the calls of a pool since it was made, or since `reset`. */
export class Tally implements CallObserver {
  #completed = 0;
  #failed = 0;
  #waited = new Histogram();
  #ran = new Histogram();
  #threads = 0;

  /** Milliseconds that functions ran; milliseconds that threads existed, summed up until `#since`. */
  #runSum = 0;
  #threadSum = 0;
  #since = now();

  /** Counts a call that has settled. */
  settled(isReturned: boolean, waited: number | undefined, ran: number | undefined): void {
    if (isReturned) this.#completed += 1;
    else this.#failed += 1;
    if (waited === undefined || ran === undefined) return;
    this.#waited.record(waited);
    this.#ran.record(ran);
    this.#runSum += ran;
  }

  /** Called when the number of threads has changed to `count`. */
  threads(count: number): void {
    this.#threadSum += this.#threads * (now() - this.#since);
    this.#since = now();
    this.#threads = count;
  }

  /** Resets all counts to zero. */
  reset(): void {
    this.#completed = 0;
    this.#failed = 0;
    this.#waited = new Histogram();
    this.#ran = new Histogram();
    this.#runSum = 0;
    this.#threadSum = 0;
    this.#since = now();
  }

  get counts(): Counts {
    this.threads(this.#threads);
    return {
      completed: this.#completed,
      failed: this.#failed,
      waitTime: durations(this.#waited),
      runTime: durations(this.#ran),
      utilization: this.#threadSum === 0 ? 0 : Math.min(1, this.#runSum / this.#threadSum),
    };
  }
}

function durations(histogram: Histogram): Durations {
  const [p50, p90, p99] = [50, 90, 99].map((percent) => histogram.percentile(percent)) as [number, number, number];
  const { min, mean, deviation, max } = histogram;
  return { min, mean, deviation, p50, p90, p99, max };
}
