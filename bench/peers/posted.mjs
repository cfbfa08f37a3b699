/** Items by `postMessage`, one or `batch` in a message; the count of taken items is in shared memory. @module */

import { once } from 'node:events';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

export async function open({ batch = 1 }) {
  const worker = new Worker(new URL('./posted-worker.mjs', import.meta.url));
  await once(worker, 'online');

  return {
    batch,
    showsAtOnce: batch === 1,
    stream(name, maxSize, args) {
      const { port1, port2 } = new MessageChannel();
      const taken = new Int32Array(new SharedArrayBuffer(4));
      worker.postMessage({ name, maxSize, args, batch, taken, port: port2 }, [port2]);
      return new PostedItems(port1, taken, { maxSize, isBatched: batch > 1 });
    },
    close: () => worker.terminate(),
  };
}

/** The worker is woken once per half of `maxSize` taken items, because a wake-up takes longer than an item. */
class PostedItems {
  #port;
  #taken;
  #half;
  #isBatched;
  #batch = [];
  #place = 0;
  #count = 0;
  /** Messages that arrived while nobody waited, and the pending wait. */
  #messages = [];
  #waiting;

  constructor(port, taken, { maxSize, isBatched }) {
    this.#port = port;
    this.#taken = taken;
    this.#half = Math.max(1, Math.floor(maxSize / 2));
    this.#isBatched = isBatched;
    port.on('message', (message) => this.#hear(message));
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  next() {
    if (this.#place < this.#batch.length) return Promise.resolve(this.#take(this.#batch[this.#place++]));
    if (this.#messages.length > 0) return Promise.resolve(this.#open(this.#messages.shift()));
    const received = receiveMessageOnPort(this.#port);
    if (received) return Promise.resolve(this.#open(received.message));
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  #hear(message) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(this.#open(message));
    else this.#messages.push(message);
  }

  #open(message) {
    if (message === null) {
      this.#port.close();
      return { value: undefined, done: true };
    }
    if (!this.#isBatched) return this.#take(message);
    this.#batch = message;
    this.#place = 1;
    return this.#take(message[0]);
  }

  #take(value) {
    this.#count += 1;
    if (this.#count % this.#half === 0) {
      Atomics.store(this.#taken, 0, this.#count);
      Atomics.notify(this.#taken, 0);
    }
    return { value, done: false };
  }
}
