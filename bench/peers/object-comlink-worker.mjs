/** The class, exposed by Comlink. @module */

import { parentPort } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

class Counter {
  #sum = 0;
  add(by) {
    this.#sum += by;
    return this.#sum;
  }
}

expose(Counter, nodeEndpoint(parentPort));
