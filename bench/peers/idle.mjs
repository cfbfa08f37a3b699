/** A baseline: `threads` that never work. @module */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export async function open({ threads }) {
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./bare-worker.mjs', import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  return { close: () => Promise.all(workers.map((worker) => worker.terminate())) };
}
