/** A baseline for work in threads: the same work, one job after the other, on main. @module */

import { countNodes, countPrimes, digestPart } from '../work.mjs';

const jobs = { primes: countPrimes, digest: digestPart, nodes: countNodes };

export function open() {
  return {
    runsOnMain: true,
    job: (name) => {
      const work = jobs[name];
      return async (...args) => work(...args);
    },
    close() {},
  };
}
