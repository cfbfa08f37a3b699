/** A store that threads read and write at once. @module */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ThreadPool } from 'offloop';
import { entries, get, put } from './stored-jobs.mjs';

export async function open({ threads, kind }) {
  const path = mkdtempSync(join(tmpdir(), 'offloop-bench-'));
  const pool = new ThreadPool({ size: threads });
  const run = async (job, used, facts) =>
    Promise.all(
      Array.from({ length: used }, (_, thread) => job.with({ pool, key: thread })({ kind, path, thread, ...facts })),
    );
  await run(put, threads, { count: entries, burst: entries });
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));

  return {
    runsOnMain: true,
    put: (used, count, burst) => run(put, used, { count, burst }),
    get: (used, count) => run(get, used, { count }),
    close: () => pool.close(),
  };
}
