/**
 * A bare `Worker` that asks by `postMessage` and blocks by `Atomics.wait`; main answers from `port.on('message')`.
 * @module
 */

import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';

export async function open() {
  const worker = new Worker(new URL('./bridge-bare-worker.mjs', import.meta.url));
  await once(worker, 'online');

  const { port1, port2 } = new MessageChannel();
  const bell = new Int32Array(new SharedArrayBuffer(4));
  port1.on('message', (i) => {
    port1.postMessage(i + 1);
    Atomics.store(bell, 0, 1);
    Atomics.notify(bell, 0);
  });
  worker.postMessage({ port: port2, bell }, [port2]);

  return {
    async trips(count) {
      worker.postMessage(count);
      const [answer] = await once(worker, 'message');
      return answer;
    },
    close: () => worker.terminate(),
  };
}
