/** A stream grouped by keys whose function takes a processor, run on main or in threads. @module */

import { ThreadPool } from 'offloop';
import { stream } from 'offloop/streams';
import { primes } from './offloop-jobs.mjs';
import { countPrimes } from '../work.mjs';

export function open({ threads, where }) {
  const pool = where === 'threads' ? new ThreadPool({ size: threads }) : undefined;
  const work = pool ? primes.with({ pool }) : (limit) => countPrimes(limit);

  return {
    runsOnMain: true,
    grouped: (limits, keys) =>
      stream(limits)
        .groupBy((_, i) => i % keys)
        .map(work),
    close: () => pool?.close(),
  };
}
