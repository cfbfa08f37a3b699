/** The other end of `bare.mjs`. @module */

import { parentPort } from 'node:worker_threads';
import { add, digest, next, nodes, primes, spin, stamp, where } from '../jobs.mjs';

const jobs = { add, digest, next, nodes, primes, spin, stamp, where };

parentPort.on('message', ({ id, job, args }) => {
  if (job === 'moved') {
    const value = stamp(...args);
    parentPort.postMessage({ id, value }, [value.buffer]);
  } else {
    parentPort.postMessage({ id, value: jobs[job](...args) });
  }
});
