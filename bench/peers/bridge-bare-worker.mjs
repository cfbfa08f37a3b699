/** The other end of `bridge-bare.mjs`: asks main, and blocks until it has answered. @module */

import { parentPort, receiveMessageOnPort, threadId } from 'node:worker_threads';

parentPort.once('message', ({ port, bell }) => {
  const ask = (i) => {
    Atomics.store(bell, 0, 0);
    port.postMessage(i);
    Atomics.wait(bell, 0, 0);
    return receiveMessageOnPort(port).message;
  };
  parentPort.on('message', (trips) => {
    const begin = performance.now();
    for (let i = 0; i < trips; i += 1) if (ask(i) !== i + 1) throw new Error(`Answer ${i} is wrong`);
    parentPort.postMessage({ time: performance.now() - begin, threadId });
  });
});
