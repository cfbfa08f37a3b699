/** workerpool over `worker_threads`, with its defaults. @module */

import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';

export function open({ threads }) {
  const pool = workerpool.pool(fileURLToPath(new URL('./workerpool-worker.mjs', import.meta.url)), {
    minWorkers: threads,
    maxWorkers: threads,
    workerType: 'thread',
  });

  return {
    job:
      (name) =>
      (...args) =>
        pool.exec(name, args),
    moving: (bytes) => pool.exec('moved', [bytes], { transfer: [bytes.buffer] }),
    close: () => pool.terminate(),
  };
}
