/** Iterables that fail by themselves, before anybody asks them; nobody of the test's listens. @module */

import { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Duplex, Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';

export interface FailingSource {
  readonly items: AsyncIterable<unknown>;

  /** The error of the source. */
  readonly failure: object;

  /** Lets it fail, and resolves once it has. */
  fail(): Promise<unknown>;

  /** Whether it was closed. */
  isClosed(): boolean;
}

export const missing = '/no/such/file';

const failure = { message: 'source' };

/** By their kinds. */
export const failing: Readonly<Record<string, () => FailingSource>> = {
  file() {
    const items = createReadStream(missing);
    const closed = closing(items);
    return { items, failure: { code: 'ENOENT' }, fail: async () => closed, isClosed: () => items.closed };
  },
  stream: () => streamed(new Readable({ objectMode: true, read() {} })),
  duplex: () => streamed(new Duplex({ objectMode: true, read() {}, write() {} })),
  'web stream'() {
    let controller!: ReadableStreamDefaultController;
    let cancels = 0;
    const items = new ReadableStream({
      start: (given) => void (controller = given),
      cancel: () => void (cancels += 1),
    });
    let hasFailed = false;
    const fail = async (): Promise<void> => {
      hasFailed = true;
      controller.error(new Error('source'));
      await later();
    };
    return { items, failure, fail, isClosed: () => hasFailed || cancels === 1 };
  },
  lines() {
    const input = createReadStream(missing);
    const items = createInterface({ input });
    const closed = closing(input);
    return { items, failure: { code: 'ENOENT' }, fail: async () => closed, isClosed: () => input.closed };
  },
  emitter() {
    const items = Object.assign(new EventEmitter(), {
      [Symbol.asyncIterator]: () => ({ next: async () => new Promise<never>(() => undefined) }),
    });
    const fail = async (): Promise<void> => {
      await later();
      items.emit('error', new Error('source'));
    };
    return { items, failure, fail, isClosed: () => items.listenerCount('error') === 0 };
  },
};

function streamed(items: Readable): FailingSource {
  const fail = async (): Promise<unknown> => {
    const closed = closing(items);
    items.destroy(new Error('source'));
    return closed;
  };
  return { items, failure, fail, isClosed: () => items.closed };
}

/** Resolves once `stream` has closed. `once` of node:events would listen for errors as well. */
export async function closing(stream: Readable): Promise<void> {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', () => resolve()));
}

/** The streams' own promises have settled. */
async function later(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
