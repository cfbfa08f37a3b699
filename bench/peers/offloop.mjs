/** offloop, with its defaults or with `options`. @module */

import { ThreadPool } from 'offloop';
import { add, digest, next, nodes, primes, spin, stamp, where } from './offloop-jobs.mjs';
import { addAlone, blocking, chunks, moved, numbers, records } from './offloop-jobs.mjs';

const jobs = { add, digest, next, nodes, primes, spin, stamp, where };
const generators = { blocking, chunks, numbers, records };

export function open({ threads, options }) {
  const pool = new ThreadPool({ size: threads, ...options });

  return {
    job: (name) => jobs[name].with({ pool }),
    moving: (bytes) => moved.with({ pool, transfer: [bytes.buffer] })(bytes),
    alone: options?.maxTasksPerThread === 1 ? add.with({ pool }) : addAlone,
    showsAtOnce: true,
    stream: (name, maxSize, args) => generators[name].with({ maxSize, pool })(...args),
    close: () => pool.close(),
  };
}
