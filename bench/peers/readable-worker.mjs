/** The other end of `readable.mjs`. @module */

import { parentPort } from 'node:worker_threads';
import { blocking, chunks, numbers, records } from '../jobs.mjs';

const generators = { blocking, chunks, numbers, records };

parentPort.on('message', ({ name, maxSize, args, port }) => {
  const items = generators[name](...args);
  const source = {
    pull(controller) {
      const { value, done } = items.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  };
  const stream = new ReadableStream(source, { highWaterMark: maxSize });
  port.postMessage(stream, [stream]);
});
