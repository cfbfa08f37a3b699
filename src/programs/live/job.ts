/** The live demo's work off the loop: a source in a thread of its own, and statistics in the pool. @module */

import { keyed } from '../../flow/index.ts';
import type { Keyed } from '../../flow/index.ts';
import { threadedIterable, threadedIterableSeparate } from '../../index.ts';
import type { ThreadedIterable } from '../../index.ts';
import { httpEvents } from '../../sources/index.ts';
import type { EventIterator, SourceItem } from '../../sources/index.ts';
import type { Reading } from './sensors.ts';

/** The temperature of a room over a batch of readings. */
export interface Summary {
  readonly readings: number;
  readonly median: number;

  /** Nine of ten medians of such a batch are between these two. */
  readonly low: number;
  readonly high: number;
}

/** The stream, read and parsed in a thread of its own, which keeps the newest 1000 items while the program is busy. */
export const readings: ThreadedIterable<(url: string) => EventIterator<SourceItem<Reading>>> = threadedIterableSeparate(
  (url: string) => httpEvents<Reading>(url, { retry: { delay: 100, attempts: 20 } }),
  { maxSize: 1000, overflow: 'drop-oldest' },
);

/** Sums up a batch of readings, room by room. This is the heavy part: it takes some ten milliseconds. */
export const summarize: ThreadedIterable<(batch: readonly Reading[]) => Generator<Keyed<string, Summary>>> =
  threadedIterable(function* summarize(batch: readonly Reading[]) {
    const rooms = new Map<string, number[]>();
    for (const { room, celsius } of batch) rooms.set(room, [...(rooms.get(room) ?? []), celsius]);
    for (const [room, values] of rooms) yield keyed(room, summaryOf(Float64Array.from(values)));
  });

const resamples = 2000;

/** The median, and how sure it is, by the bootstrap: the medians of many batches drawn from this one. */
function summaryOf(values: Float64Array): Summary {
  const drawn = new Float64Array(values.length);
  const medians = Float64Array.from({ length: resamples }, () => {
    for (let n = 0; n < drawn.length; n += 1) drawn[n] = values[Math.floor(Math.random() * values.length)] ?? NaN;
    return medianOf(drawn);
  }).sort();
  const at = (share: number): number => medians[Math.floor(share * resamples)] ?? NaN;
  return { readings: values.length, median: medianOf(values), low: at(0.05), high: at(0.95) };
}

/** Sorts `values`. */
function medianOf(values: Float64Array): number {
  return values.sort()[values.length >> 1] ?? NaN;
}
