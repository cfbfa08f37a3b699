/** A server of events in a thread of its own: as many as are asked for, or so many bytes a second. @module */

import { createServer } from 'node:http';
import { parentPort } from 'node:worker_threads';

const lines = {
  ndjson: (n) =>
    `{"id":${n},"sensor":"s-${n % 100}","value":${n / 8},"at":"2026-01-01T00:00:00.000Z","tags":["a","b"]}\n`,
  sse: (n) =>
    `id: ${n}\ndata: {"id":${n},"sensor":"s-${n % 100}","value":${n / 8},"at":"2026-01-01T00:00:00.000Z"}\n\n`,
};
const types = { ndjson: 'application/x-ndjson', sse: 'text/event-stream' };

/** As much as is written at once. */
const piece = 65_536;

createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://localhost');
  const [format, count, rate] = ['format', 'count', 'rate'].map((name) => searchParams.get(name));
  response.writeHead(200, { 'content-type': types[format] });
  if (rate) paced(response, Number(rate));
  else unpaced(response, lines[format], Number(count));
})
  .listen(0, '127.0.0.1')
  .on('listening', function listening() {
    parentPort.postMessage(this.address().port);
  });

function unpaced(response, line, count) {
  let n = 0;
  const more = () => {
    while (n < count) {
      let text = '';
      while (n < count && text.length < piece) text += line(n++);
      if (!response.write(text)) return response.once('drain', more);
    }
    response.end();
  };
  more();
}

/** Lines of 1,000 bytes, `rate` bytes a second, as far as the reader takes them: what was held up comes later. */
function paced(response, rate) {
  const line = `${JSON.stringify({ id: 1, text: 'x'.repeat(977) })}\n`;
  const block = Buffer.from(line.repeat(50));
  const start = performance.now();
  let sent = 0;
  const send = () => {
    const due = ((performance.now() - start) / 1000) * rate;
    while (sent < due) {
      sent += block.length;
      // The timer would come too seldom for the rate, were it to wait for room as well.
      if (!response.write(block)) return response.once('drain', send);
    }
    timer = setTimeout(send, 2);
  };
  let timer = setTimeout(send, 2);
  response.once('close', () => clearTimeout(timer));
}
