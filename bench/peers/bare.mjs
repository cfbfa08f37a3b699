/** Two bare `Worker`s and a map of promises: the minimum for calls with answers. @module */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export async function open({ threads }) {
  const pending = new Map();
  let nextId = 0;

  const workers = Array.from({ length: threads }, () => new Worker(new URL('./bare-worker.mjs', import.meta.url)));
  for (const worker of workers) {
    worker.on('message', ({ id, value }) => {
      pending.get(id)(value);
      pending.delete(id);
    });
  }
  await Promise.all(workers.map((worker) => once(worker, 'online')));

  const call = (job, args, transfer) =>
    new Promise((resolve) => {
      const id = (nextId += 1);
      pending.set(id, resolve);
      workers[id % threads].postMessage({ id, job, args }, transfer);
    });

  return {
    job:
      (name) =>
      (...args) =>
        call(name, args),
    moving: (bytes) => call('moved', [bytes], [bytes.buffer]),
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}
