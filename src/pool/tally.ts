/** Counts what a pool's calls did, and how long they waited and ran. @module */

import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';
import { now } from '../clock.ts';

/** How durations are distributed; all in milliseconds, `0` where there were none. */
export interface Durations {
  readonly mean: number;
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

/** The histograms' unit, in milliseconds. */
const unit = 0.001;

/** What happened since the pool was made. */
export class Tally {
  #completed = 0;
  #failed = 0;
  readonly #waited = createHistogram();
  readonly #ran = createHistogram();
  #threads = 0;

  /** Milliseconds that functions ran, and that threads were there until `#since`. */
  #runSum = 0;
  #threadSum = 0;
  #since = now();

  /** Takes in how a call went. */
  readonly note = (isReturned: boolean, waited: number | undefined, ran: number | undefined): void => {
    if (isReturned) this.#completed += 1;
    else this.#failed += 1;
    if (waited === undefined || ran === undefined) return;
    record(this.#waited, waited);
    record(this.#ran, ran);
    this.#runSum += ran;
  };

  /** From now on there are so many threads. */
  threads(count: number): void {
    this.#threadSum += this.#threads * (now() - this.#since);
    this.#since = now();
    this.#threads = count;
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

function record(histogram: RecordableHistogram, time: number): void {
  histogram.record(Math.max(1, Math.round(time / unit)));
}

function durations(histogram: RecordableHistogram): Durations {
  if (histogram.count === 0) return { mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };
  const at = (percentile: number): number => histogram.percentile(percentile) * unit;
  return { mean: histogram.mean * unit, p50: at(50), p90: at(90), p99: at(99), max: histogram.max * unit };
}
