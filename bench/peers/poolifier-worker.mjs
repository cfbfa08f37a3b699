/** The jobs, as Poolifier wants them: one argument each. @module */

import { ThreadWorker } from 'poolifier';
import * as jobs from '../jobs.mjs';

export default new ThreadWorker({
  add: ([a, b]) => jobs.add(a, b),
  next: ([record]) => jobs.next(record),
  stamp: ([bytes]) => jobs.stamp(bytes),
  spin: ([time]) => jobs.spin(time),
  primes: ([limit]) => jobs.primes(limit),
  digest: ([path, offset, length]) => jobs.digest(path, offset, length),
  nodes: ([path]) => jobs.nodes(path),
  where: () => jobs.where(),
});
