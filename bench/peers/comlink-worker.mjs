/** The jobs, exposed by Comlink. @module */

import { parentPort } from 'node:worker_threads';
import { expose, proxy, transfer } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import * as jobs from '../jobs.mjs';

const { blocking, chunks, numbers, records } = jobs;
const generators = { blocking, chunks, numbers, records };

function moved(bytes) {
  const value = jobs.stamp(bytes);
  return transfer(value, [value.buffer]);
}

function stream(name, args) {
  return proxy(generators[name](...args));
}

expose({ ...jobs, moved, stream }, nodeEndpoint(parentPort));
