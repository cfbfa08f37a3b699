/** The jobs, registered with workerpool. @module */

import workerpool from 'workerpool';
import * as jobs from '../jobs.mjs';

function moved(bytes) {
  const value = jobs.stamp(bytes);
  return new workerpool.Transfer(value, [value.buffer]);
}

workerpool.worker({ ...jobs, moved });
