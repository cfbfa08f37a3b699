/** The other end of `posted.mjs`: never more than `maxSize` items ahead, and `null` after the last. @module */

import { parentPort } from 'node:worker_threads';
import { blocking, chunks, numbers, records } from '../jobs.mjs';

const generators = { blocking, chunks, numbers, records };

parentPort.on('message', ({ name, maxSize, args, batch, taken, port }) => {
  const items = generators[name](...args);
  const post = batch === 1 ? (item) => port.postMessage(item) : inBatches(port, batch);
  for (let made = 0; ; made += 1) {
    waitForPlace(taken, made - maxSize);
    const { value, done } = items.next();
    if (done) break;
    post(value);
  }
  post(null);
});

/** Holds items back until there are `batch` of them, or until the last one. */
function inBatches(port, batch) {
  let held = [];
  return (item) => {
    if (item !== null) held.push(item);
    if (held.length === batch || (item === null && held.length > 0)) {
      port.postMessage(held);
      held = [];
    }
    if (item === null) port.postMessage(null);
  };
}

/** Blocks until more than `count` items were taken. */
function waitForPlace(taken, count) {
  for (;;) {
    const told = Atomics.load(taken, 0);
    if (told > count) return;
    Atomics.wait(taken, 0, told);
  }
}
