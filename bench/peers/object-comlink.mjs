/** An object in a thread, by Comlink. @module */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { releaseProxy, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

export async function open() {
  const worker = new Worker(new URL('./object-comlink-worker.mjs', import.meta.url));
  await once(worker, 'online');
  const Remote = wrap(nodeEndpoint(worker));
  const counter = await new Remote();
  return {
    add: (by) => counter.add(by),
    async close() {
      counter[releaseProxy]();
      Remote[releaseProxy]();
      await worker.terminate();
    },
  };
}
