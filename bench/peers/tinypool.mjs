/** Tinypool, as it comes. @module */

import { Tinypool } from 'tinypool';

export function open({ threads }) {
  const pool = new Tinypool({
    filename: new URL('./tinypool-worker.mjs', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });

  return {
    job: (name) => {
      const runOptions = { name };
      return (...args) => pool.run(args, runOptions);
    },
    moving: (bytes) => pool.run([bytes], { name: 'moved', transferList: [bytes.buffer] }),
    close: () => pool.destroy(),
  };
}
