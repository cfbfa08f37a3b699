/** A bare `Worker` for each call, which ends after the call. @module */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const file = new URL('./bare-worker.mjs', import.meta.url);

export function open() {
  return {
    async alone(...args) {
      const worker = new Worker(file);
      worker.postMessage({ id: 1, job: 'add', args });
      const [{ value }] = await once(worker, 'message');
      void worker.terminate();
      return value;
    },
    close() {},
  };
}
