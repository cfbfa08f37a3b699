/** Piscina, in the configuration that `options` says. @module */

import { Piscina } from 'piscina';

export function open({ threads, options }) {
  const pool = new Piscina({
    filename: new URL('./piscina-worker.mjs', import.meta.url).href,
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
    close: () => pool.destroy(),
  };
}
