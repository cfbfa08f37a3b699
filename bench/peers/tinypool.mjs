/** Tinypool, in the configuration that `options` says. @module */

import { Tinypool } from 'tinypool';

export function open({ threads, options }) {
  const pool = new Tinypool({
    filename: new URL('./tinypool-worker.mjs', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    ...options,
  });

  return {
    job: (name) => {
      const runOptions = { name };
      return (...args) => pool.run(args, runOptions);
    },
    moving: (bytes) => pool.run([bytes], { name: 'moved', transferList: [bytes.buffer] }),
    alone: (...args) => pool.run(args, { name: 'add' }),
    close: () => pool.destroy(),
  };
}
