/** Counts what a pool's calls did, and how long they waited and ran. @module */

import { now } from '../base/clock.ts';
import type { CallObserver } from '../call/observer.ts';
import { Histogram } from './histogram.ts';

/** How durations are distributed; all in milliseconds, `0` where there were none. */
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

/** What has happened in a pool. */
export interface Counts {
  /** Calls that returned. */
  readonly completed: number;

  /** Calls that threw, were given up, refused or lost. */
  readonly failed: number;

  /** How long calls waited before they started, and how long it took their results to arrive. */
  readonly waitTime: Durations;

  /** How long functions ran. */
  readonly runTime: Durations;

  /** Which part of the time that threads were there they ran functions; from `0` to `1`. */
  readonly utilization: number;
}

/** What happened since the pool was made, or since `reset`. */
export class Tally implements CallObserver {
  #completed = 0;
  #failed = 0;
  #waited = new Histogram();
  #ran = new Histogram();
  #threads = 0;

  /** Milliseconds that functions ran, and that threads were there until `#since`. */
  #runSum = 0;
  #threadSum = 0;
  #since = now();

  /** Takes in how a call went. */
  settled(isReturned: boolean, waited: number | undefined, ran: number | undefined): void {
    if (isReturned) this.#completed += 1;
    else this.#failed += 1;
    if (waited === undefined || ran === undefined) return;
    this.#waited.record(waited);
    this.#ran.record(ran);
    this.#runSum += ran;
  }

  /** From now on there are so many threads. */
  threads(count: number): void {
    this.#threadSum += this.#threads * (now() - this.#since);
    this.#since = now();
    this.#threads = count;
  }

  /** Counts from zero. */
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
