/** A sample as lines of a terminal. @module */

import type { NodeSample, PoolSample, Quantiles, Sample } from '../../monitor/index.ts';

/** The lines of `sample`, each at most `width` characters long. */
export function view(sample: Sample, url: string, width: number): string[] {
  const { at, loop, pools } = sample;
  const time = new Date(at).toTimeString().slice(0, 8);
  return [
    `${url}  ${time}  loop of main late by ${times(loop)}, ${span(loop.max)} at most`,
    ...pools.flatMap((pool) => ['', ...poolLines(pool)]),
  ].map((line) => line.slice(0, width));
}

function poolLines(pool: PoolSample): string[] {
  const { name, size, threads, busy, blocked, queued, returns, failures, completed, failed, utilization } = pool;
  return [
    `${name}: ${threads} of ${size} threads, ${busy} busy${blocked > 0 ? ` (${blocked} of these wait)` : ''}, ${queued} calls wait, ${Math.round(utilization * 100)} % used`,
    `  calls  ${rate(returns)} returned, ${rate(failures)} failed; ${completed} and ${failed} in all${kinds(pool)}`,
    `  wait   ${times(pool.wait)}`,
    `  run    ${times(pool.run)}`,
    ...(pool.nodes ? nodeLines(pool.nodes) : threadLines(pool)),
  ];
}

function nodeLines(nodes: readonly NodeSample[]): string[] {
  return [
    '  node                      process  threads   busy    calls   failed        run',
    ...nodes.map(({ host, pid, threads, busy, completed, failed, run }) => {
      const numbers = [threads, busy, completed, failed].map((it, i) => String(it).padStart([9, 7, 9, 9][i] ?? 9));
      return `  ${host.slice(0, 24).padEnd(24)} ${String(pid).padStart(8)}${numbers.join('')} ${span(run.p50).padStart(10)}`;
    }),
  ];
}

function threadLines({ perThread }: PoolSample): string[] {
  return [
    '  thread       id  state     calls        run',
    ...perThread.map((thread) => {
      const state = thread.blocked ? 'waits' : thread.iterating ? 'iterates' : thread.busy ? 'runs' : 'idle';
      const { number, threadId, calls, runTime } = thread;
      return `  ${String(number).padStart(6)} ${String(threadId).padStart(8)}  ${state.padEnd(8)} ${String(calls).padStart(6)} ${span(runTime).padStart(10)}`;
    }),
  ];
}

function kinds({ refused, timedOut, aborted, lost }: PoolSample): string {
  const told = Object.entries({ refused, 'timed out': timedOut, aborted, lost }).filter(([, count]) => count > 0);
  return told.length === 0 ? '' : ` (${told.map(([kind, count]) => `${count} ${kind}`).join(', ')})`;
}

const rate = (perSecond: number): string => `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;

const times = ({ p50, p90, p99 }: Quantiles): string => `p50 ${span(p50)}, p90 ${span(p90)}, p99 ${span(p99)}`;

function span(milliseconds: number): string {
  if (milliseconds === 0) return '0 ms';
  if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} µs`;
  if (milliseconds < 1000) return `${milliseconds.toPrecision(3)} ms`;
  return `${(milliseconds / 1000).toPrecision(3)} s`;
}
