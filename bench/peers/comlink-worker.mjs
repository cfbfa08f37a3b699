/** The jobs, exposed by Comlink. @module */

import { parentPort } from 'node:worker_threads';
import { expose, transfer } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import * as jobs from '../jobs.mjs';

function moved(bytes) {
  const value = jobs.stamp(bytes);
  return transfer(value, [value.buffer]);
}

expose({ ...jobs, moved }, nodeEndpoint(parentPort));
