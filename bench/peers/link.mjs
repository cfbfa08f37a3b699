/** Calls and bytes over a WebSocket or a port, from a thread that serves them. @module */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const chunk = 256 * 1024;

async function started(way) {
  const worker = new Worker(new URL('./link-worker.mjs', import.meta.url), { workerData: { way } });
  const [ready] = await once(worker, 'message');
  return { worker, ready };
}

async function socketTo(port) {
  const { WebSocket } = await import('ws');
  return new WebSocket(`ws://127.0.0.1:${port}`);
}

const ways = {
  async 'bare ws'() {
    const { worker, ready } = await started('bare ws');
    const socket = await socketTo(ready);
    await once(socket, 'open');
    let take;
    socket.on('message', (data) => take(data));
    const echo = (n) =>
      new Promise((resolve) => {
        take = (data) => resolve(JSON.parse(data.toString()).value);
        socket.send(JSON.stringify({ id: 1, name: 'echo', value: n }));
      });
    const read = (length) =>
      new Promise((resolve) => {
        let taken = 0;
        take = (data) => {
          taken += data.length;
          if (taken >= length) resolve(taken);
        };
        socket.send(JSON.stringify({ id: 1, name: 'read', value: length }));
      });
    return {
      echo,
      read,
      async close() {
        socket.terminate();
        await worker.terminate();
      },
    };
  },

  async 'careful ws'() {
    const { worker, ready } = await started('careful ws');
    const socket = await socketTo(ready);
    await once(socket, 'open');
    const waiting = new Map();
    let last = 0;
    socket.on('message', (text) => {
      const { id, value, error } = JSON.parse(text.toString());
      const call = waiting.get(id);
      if (!call) return;
      waiting.delete(id);
      if (error) call.reject(Object.assign(new Error(error.message), { code: error.code }));
      else call.resolve(value);
    });
    socket.on('close', () => {
      for (const { reject } of waiting.values()) reject(new Error('The other side is gone'));
    });
    const call = (name, ...args) =>
      new Promise((resolve, reject) => {
        const id = (last += 1);
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, name, args }));
      });
    return {
      echo: (n) => call('echo', n),
      async close() {
        socket.terminate();
        await worker.terminate();
      },
    };
  },

  async 'offloop over ws'() {
    const { link } = await import('offloop/objects');
    const { worker, ready } = await started('offloop over ws');
    const it = link(await socketTo(ready));
    return {
      echo: (n) => it.peer.echo(n),
      async read(length) {
        // The bare server sends as fast as the socket takes it, too.
        const stream = await (await it.peer.open(length)).connect({ readahead: 8 * 2 ** 20 });
        let taken = 0;
        for await (const part of stream.chunks({ size: chunk })) taken += part.length;
        return taken;
      },
      async close() {
        await it.close();
        await worker.terminate();
      },
    };
  },

  async 'bare comlink'() {
    const { wrap } = await import('comlink');
    const { worker, ready } = await started('bare comlink');
    const proxy = wrap(ready);
    return {
      echo: (n) => proxy.echo(n),
      async close() {
        ready.close();
        await worker.terminate();
      },
    };
  },

  async 'offloop over a port'() {
    const { link } = await import('offloop/objects');
    const { worker, ready } = await started('offloop over a port');
    const it = link(ready);
    return {
      echo: (n) => it.peer.echo(n),
      async close() {
        await it.close();
        await worker.terminate();
      },
    };
  },
};

export async function open({ way }) {
  return ways[way]();
}
