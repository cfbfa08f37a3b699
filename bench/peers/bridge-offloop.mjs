/** offloop: a function of a pool blocks for the answers of a callback. @module */

import { ThreadPool } from 'offloop';
import { trips } from './bridge-offloop-jobs.mjs';

export function open() {
  const pool = new ThreadPool({ size: 1 });
  const call = trips.with({ pool });
  const ask = async (i) => i + 1;

  return {
    trips: (count) => call(count, ask),
    close: () => pool.close(),
  };
}
