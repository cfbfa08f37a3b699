/** A `ReadableStream` that a `Worker` transfers. @module */

import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';

export async function open() {
  const worker = new Worker(new URL('./readable-worker.mjs', import.meta.url));
  await once(worker, 'online');

  return {
    async stream(name, maxSize, args) {
      const { port1, port2 } = new MessageChannel();
      worker.postMessage({ name, maxSize, args, port: port2 }, [port2]);
      const [stream] = await once(port1, 'message');
      port1.close();
      return stream;
    },
    close: () => worker.terminate(),
  };
}
