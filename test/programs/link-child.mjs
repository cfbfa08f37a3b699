/** A child process, or a thread, that exposes an object to its parent by a link. */

import { isMainThread, parentPort } from 'node:worker_threads';
import { byteStream, entityStream, link } from 'offloop/objects';

const up = link(isMainThread ? process : parentPort, {
  add: (a, b) => a + b,
  each: async (items, fn) => {
    const results = [];
    for (const item of items) results.push(await fn(item));
    return results;
  },
  ask: () => up.peer.name(),
  never: () => new Promise(() => undefined),
  die: () => process.kill(process.pid, 'SIGKILL'),
  numbers: () => entityStream([1, 2, 3]),
  file: () => byteStream(new Uint8Array(1_000_000).fill(3)),
});
