/** The other end of a transferred stream of `files.mjs`. @module */

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ path, port }) => {
  const stream = Readable.toWeb(createReadStream(path));
  port.postMessage(stream, [stream]);
});
