/** Names of threads, as debuggers show them. @module */

import { once } from 'node:events';
import { Session } from 'node:inspector';
import * as threads from 'node:worker_threads';
import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { separate, where } from '../fixtures/jobs/basics.mjs';

test('a debugger sees threads by the name of their pool, and those of single calls by that of the library', async () => {
  const { Worker } = threads;
  const titles: string[] = [];
  const session = new Session();
  session.connect();
  session.on('NodeWorker.attachedToWorker', ({ params }) => titles.push(params.workerInfo.title));
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  try {
    await using pool = new ThreadPool({ name: 'images', size: 1 });
    const id = await where.with({ pool })();
    await separate(1);
    // The library names none but its own threads.
    const other = new Worker('', { eval: true });
    await once(other, 'exit');

    expect(titles).toContain(`[worker ${id}] offloop images`);
    expect(titles).toContainEqual(expect.stringMatching(/^\[worker \d+\] offloop$/));
    expect(titles).toContainEqual(expect.stringMatching(/^\[worker \d+\](?: WorkerThread)?$/));
  } finally {
    session.disconnect();
  }
});
