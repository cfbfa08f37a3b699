/** Serves calls and bytes. @module */

import { once } from 'node:events';
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';

const chunk = 256 * 1024;
const data = new Uint8Array(chunk).fill(1);
const echo = (n) => n;

/** Takes what the other side opens, by `serve`. */
async function listen(serve) {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', serve);
  parentPort.postMessage(server.address().port);
}

function portTo(serve) {
  const { port1, port2 } = new MessageChannel();
  serve(port1);
  parentPort.postMessage(port2, [port2]);
}

const ways = {
  'bare ws': () =>
    listen((socket) => {
      socket.on('message', (text) => {
        const { id, name, value } = JSON.parse(text.toString());
        if (name === 'echo') return socket.send(JSON.stringify({ id, value: echo(value) }));
        let left = value;
        const next = () => {
          if (left <= 0) return;
          left -= chunk;
          // A copy, as one that was read is.
          socket.send(Uint8Array.from(data), next);
        };
        next();
      });
    }),

  'careful ws': () => {
    const methods = new Map([['echo', echo]]);
    return listen((socket) => {
      const answer = (message) => socket.send(JSON.stringify(message));
      const fail = (id, { message, code }) => answer({ id, error: { message, code } });
      socket.on('message', async (text) => {
        const { id, name, args } = JSON.parse(text.toString());
        try {
          const method = methods.get(name);
          if (!method || !Array.isArray(args)) throw new TypeError(`There is no ${name}`);
          answer({ id, value: await method(...args) });
        } catch (error) {
          fail(id, error);
        }
      });
    });
  },

  async 'offloop over ws'() {
    const { byteStream, link } = await import('offloop/objects');
    const source = (length) => ({
      length: () => length,
      // It is copied.
      read: (position, most) => data.subarray(0, Math.min(most, length - position)),
    });
    await listen((socket) => link(socket, { echo, open: (length) => byteStream(source(length)) }));
  },

  async 'bare comlink'() {
    const { expose } = await import('comlink');
    portTo((port) => expose({ echo }, port));
  },

  async 'offloop over a port'() {
    const { link } = await import('offloop/objects');
    portTo((port) => link(port, { echo }));
  },
};

await ways[workerData.way]();
