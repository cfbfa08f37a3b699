/** What is told of pools: one list for all that take figures. @module */

import type { Counts, Durations } from '../pool/figures/tally.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { Lives } from './lives.ts';

/** A value, and what it is of within its figure. */
export interface Value {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is known of one pool at one moment. */
export interface Known {
  readonly stats: PoolStats & { readonly nodes?: number };
  readonly lives: Lives;
}

/** A figure that goes up and down (`gauge`), or only up until the pool's counts are reset (`counter`). */
export interface Figure {
  /** Words with dots between them. */
  readonly name: string;
  readonly kind: 'gauge' | 'counter';

  /** As UCUM writes it: `s` for seconds, `1` for a ratio, `{call}` for calls. */
  readonly unit: string;
  readonly help: string;
  read(known: Known): readonly Value[];
}

/** How long calls took. */
export interface Spans {
  readonly name: string;
  readonly help: string;
  read(stats: PoolStats): Durations;
}

type NumberOf<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T];

const gauge = (name: string, unit: string, field: NumberOf<PoolStats>, help: string): Figure => ({
  name,
  kind: 'gauge',
  unit,
  help,
  read: ({ stats }) => [{ labels: {}, value: stats[field] }],
});

const by = (label: string, counts: Readonly<Record<string, number>>): Value[] =>
  Object.entries(counts).map(([key, value]) => ({ labels: { [label]: key }, value }));

export const figures: readonly Figure[] = [
  gauge('threads', '{thread}', 'threads', 'Threads that take calls'),
  gauge('threads.busy', '{thread}', 'busy', 'Threads that run a call'),
  gauge('threads.blocked', '{thread}', 'blocked', 'Threads whose call waits for a callback or for its consumer'),
  gauge('threads.iterating', '{thread}', 'iterating', 'Threads that are held by an iterator'),
  gauge('threads.ending', '{thread}', 'ending', 'Threads that were told to end and have not ended'),
  gauge('calls.queued', '{call}', 'queued', 'Calls that have not started'),
  gauge('utilization', '1', 'utilization', "The part of the threads' time in which they ran functions"),
  {
    name: 'nodes',
    kind: 'gauge',
    unit: '{node}',
    help: 'Nodes of a fleet that answered last',
    read: ({ stats: { nodes } }) => (nodes === undefined ? [] : [{ labels: {}, value: nodes }]),
  },
  {
    name: 'calls',
    kind: 'counter',
    unit: '{call}',
    help: 'Calls that are over, by how they ended',
    read: ({ stats }) => by('outcome', outcomes(stats)),
  },
  {
    name: 'thread.starts',
    kind: 'counter',
    unit: '{thread}',
    help: 'Threads that started, since the figures were registered',
    read: ({ lives }) => [{ labels: {}, value: lives.started }],
  },
  {
    name: 'thread.ends',
    kind: 'counter',
    unit: '{thread}',
    help: 'Threads that ended, by the reason, since the figures were registered',
    read: ({ lives }) => by('reason', lives.ended),
  },
];

export const spans: readonly Spans[] = [
  {
    name: 'call.wait',
    help: 'How long calls waited for a thread, and their results for the way',
    read: (stats) => stats.waitTime,
  },
  { name: 'call.run', help: 'How long functions ran', read: (stats) => stats.runTime },
];

function outcomes({ completed, failed, refused, timedOut, aborted, lost }: Counts): Record<string, number> {
  const threw = failed - refused - timedOut - aborted - lost;
  return { returned: completed, threw, refused, timed_out: timedOut, aborted, lost };
}

/** The quantiles that a pool knows of its durations, in seconds. */
export function quantiles({ p50, p90, p99 }: Durations): Value[] {
  return [
    { labels: { quantile: '0.5' }, value: p50 / 1000 },
    { labels: { quantile: '0.9' }, value: p90 / 1000 },
    { labels: { quantile: '0.99' }, value: p99 / 1000 },
  ];
}
