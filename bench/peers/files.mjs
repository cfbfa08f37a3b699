/** Reads a file: in this thread, or in another one that gives the chunks on. @module */

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { MessageChannel, Worker } from 'node:worker_threads';

/** Takes chunks until there are `length` bytes; gives how many there were, and the last chunk. */
async function take(chunks, length) {
  let taken = 0;
  let last;
  for await (const chunk of chunks) {
    taken += chunk.length;
    last = chunk;
    if (taken >= length) break;
  }
  return { taken, last };
}

const ways = {
  fs: () => ({ here: (path, length) => take(createReadStream(path), length) }),

  async transferred() {
    const worker = new Worker(new URL('./files-worker.mjs', import.meta.url));
    await once(worker, 'online');
    return {
      async fromThread(path, length) {
        const { port1, port2 } = new MessageChannel();
        worker.postMessage({ path, port: port2 }, [port2]);
        const [stream] = await once(port1, 'message');
        port1.close();
        return take(stream, length);
      },
      close: () => worker.terminate(),
    };
  },

  async offloop() {
    const { byteStream } = await import('offloop/objects');
    const { openFile } = await import('./files-jobs.mjs');
    return {
      here: async (path, length) => take(await byteStream(path).connect(), length),
      async fromThread(path, length) {
        const streamer = await openFile(path);
        return take(await streamer.connect(), length);
      },
    };
  },
};

export async function open({ way }) {
  return { runsOnMain: true, close() {}, ...(await ways[way]()) };
}
