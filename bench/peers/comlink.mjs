/** Comlink over two `Worker`s in turns; it has no pool of its own. @module */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { releaseProxy, transfer, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

export async function open({ threads }) {
  const workers = Array.from({ length: threads }, () => new Worker(new URL('./comlink-worker.mjs', import.meta.url)));
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  const remotes = workers.map((worker) => wrap(nodeEndpoint(worker)));
  let turn = 0;
  const inTurn = (calls) => calls[(turn = (turn + 1) % threads)];

  const jobOf = (name) => {
    const calls = remotes.map((remote) => remote[name]);
    return (...args) => inTurn(calls)(...args);
  };
  const moved = jobOf('moved');

  return {
    job: jobOf,
    moving: (bytes) => moved(transfer(bytes, [bytes.buffer])),
    showsAtOnce: true,
    /** Each `next()` is a call, so the generator is never ahead, whatever the maximum is. */
    async *stream(name, maxSize, args) {
      const generator = await remotes[0].stream(name, args);
      for (;;) {
        const { value, done } = await generator.next();
        if (done) break;
        yield value;
      }
      generator[releaseProxy]();
    },
    async close() {
      for (const remote of remotes) remote[releaseProxy]();
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
