/** Byte streams as web streams and as streams of Node.js. @module */

import { Readable, Writable } from 'node:stream';
import { ReadableStream, WritableStream } from 'node:stream/web';

/** A byte stream, as the conversions see it. */
interface Bytes {
  recv(): Promise<Buffer>;
  write(bytes: Uint8Array): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function readableStream(bytes: Bytes): ReadableStream<Uint8Array> {
  // The byte stream has read ahead: this one need not.
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await orClose(bytes, () => bytes.recv());
        if (chunk.length > 0) return controller.enqueue(chunk);
        await bytes.close();
        controller.close();
      },
      cancel: () => bytes.close(),
    },
    { highWaterMark: 0 },
  );
}

export function writableStream(bytes: Bytes): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: (chunk) => orClose(bytes, () => bytes.write(chunk)),
    close: () => flushAndClose(bytes),
    abort: () => bytes.close(),
  });
}

export function nodeReadable(bytes: Bytes): Readable {
  return new Readable({
    read() {
      void tell(
        () => bytes.recv(),
        (error, chunk) => void (chunk ? this.push(chunk.length > 0 ? chunk : null) : this.destroy(error as Error)),
      );
    },
    destroy: (error, callback) =>
      void tell(
        () => bytes.close(),
        (closing) => callback(error ?? closing),
      ),
  });
}

export function nodeWritable(bytes: Bytes): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, callback) => void tell(() => bytes.write(chunk), callback),
    final: (callback) => void tell(() => flushAndClose(bytes), callback),
    destroy: (error, callback) =>
      void tell(
        () => bytes.close(),
        (closing) => callback(error ?? closing),
      ),
  });
}

/** Calls `callback` with the error of `action`, or with its result. */
async function tell<T>(action: () => Promise<T>, callback: (error: Error | null, result?: T) => void): Promise<void> {
  let result: T;
  try {
    result = await action();
  } catch (error) {
    return callback(error as Error);
  }
  callback(null, result);
}

async function flushAndClose(bytes: Bytes): Promise<void> {
  await orClose(bytes, () => bytes.flush());
  await bytes.close();
}

/** Closes the stream if `action` fails, whose error is the one that counts. */
async function orClose<T>(bytes: Bytes, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    await bytes.close().catch(() => undefined);
    throw error;
  }
}
