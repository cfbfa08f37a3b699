/** The class whose instances the peers keep in a thread. @module */

import { threadedObject } from 'offloop/objects';

export class Counter {
  #sum = 0;
  add(by) {
    this.#sum += by;
    return this.#sum;
  }
}

export const Threaded = threadedObject(Counter);
