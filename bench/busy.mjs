/** A process that keeps one processor busy until its parent has gone. @module */

import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(import.meta.url);

/** How long a busy process computes before it looks for its parent, in milliseconds. */
const stretch = 50;

/** Runs `work` while a busy process for each processor computes, too. */
export async function besideBusyOnes(work) {
  const busy = Array.from({ length: availableParallelism() }, () => fork(file, { execArgv: [] }));
  try {
    await Promise.all(busy.map((process) => new Promise((resolve) => process.once('message', resolve))));
    return await work();
  } finally {
    for (const process of busy) process.kill();
  }
}

function compute() {
  const end = performance.now() + stretch;
  while (performance.now() < end);
  setImmediate(compute);
}

if (process.argv[1] === file) {
  process.once('disconnect', () => process.exit());
  process.send('busy');
  compute();
}
