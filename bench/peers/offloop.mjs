/** offloop, as it comes. @module */

import { ThreadPool } from 'offloop';
import { add, moved, next, spin, stamp, where } from './offloop-jobs.mjs';

const jobs = { add, next, spin, stamp, where };

export function open({ threads }) {
  const pool = new ThreadPool({ size: threads });

  return {
    job: (name) => jobs[name].with({ pool }),
    moving: (bytes) => moved.with({ pool, transfer: [bytes.buffer] })(bytes),
    close: () => pool.close(),
  };
}
