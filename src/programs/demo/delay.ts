/** Measures how late the event loop is, as every other request in the process would notice. @module */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { IntervalHistogram } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * How late the event loop was, in milliseconds, over some time. All shares are shares of that time, not of the turns of
 * the loop: one blocked second is not outweighed by a thousand quick turns in the next. So `p50` is how late the loop
 * was, or worse, during half of the time: what a request that comes at any moment has to expect.
 */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;

  /** How many turns were timed; a blocked turn counts once, however long it took. */
  readonly turns: number;

  /** From on time to very late. */
  readonly bands: readonly DelayBand[];
}

/** The share of the time, from 0 to 1, during which the loop was `from` milliseconds late or more, up to the next band. */
export interface DelayBand {
  readonly from: number;
  readonly share: number;
}

/** A watch on the loop that has begun. */
export interface LoopWatch {
  /** Ends the watch and gives its result; a turn that has not ended yet is not in it. */
  stop(): LoopDelay;
}

// Between two ticks of the histogram's timer, in milliseconds; that interval itself is not a delay.
const resolution = 1;

const bandStarts = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

// The histogram tells percentiles, not counts. Up to so many turns are read off one by one, more as a sample.
const most = 5000;

/**
 * Begins to watch the event loop, as soon as the watch's timer has come for the first time, so that a turn that blocks
 * right afterwards is seen.
 *
 * Code that blocks must give way between its pieces of work (by `setImmediate`, say), or the watch sees one long turn.
 */
export async function watchLoop(): Promise<LoopWatch> {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  do await nextTurn();
  while (histogram.count === 0);

  return {
    stop() {
      histogram.disable();
      return summarise(histogram);
    },
  };
}

function summarise(histogram: IntervalHistogram): LoopDelay {
  const { count } = histogram;
  if (count === 0) return { p50: 0, p99: 0, max: 0, turns: 0, bands: [] };

  const steps = Math.min(count, most);
  const turns = Array.from({ length: steps }, (_, index) => histogram.percentile((100 * (index + 1)) / steps) / 1e6);
  const total = sum(turns);
  return {
    p50: lateness(reach(turns, total * 0.5)),
    p99: lateness(reach(turns, total * 0.99)),
    max: lateness(histogram.max / 1e6),
    turns: count,
    bands: bandStarts.map((from, index) => {
      const to = bandStarts[index + 1] ?? Infinity;
      return { from, share: sum(turns.filter((turn) => lateness(turn) >= from && lateness(turn) < to)) / total };
    }),
  };
}

/** The turn during which `time` is reached, if the turns come one after the other in this order. */
function reach(turns: readonly number[], time: number): number {
  let passed = 0;
  return turns.find((turn) => (passed += turn) >= time) ?? turns.at(-1) ?? 0;
}

function lateness(turn: number): number {
  return Math.max(0, turn - resolution);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
