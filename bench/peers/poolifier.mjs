/** Poolifier's fixed pool, in the configuration that `options` says. @module */

import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';

export function open({ threads, options }) {
  const pool = new FixedThreadPool(threads, fileURLToPath(new URL('./poolifier-worker.mjs', import.meta.url)), options);

  return {
    job:
      (name) =>
      (...args) =>
        pool.execute(args, name),
    // No `moving`: `execute` takes a transfer list, but a worker has no way to transfer its result.
    close: () => pool.destroy(),
  };
}
