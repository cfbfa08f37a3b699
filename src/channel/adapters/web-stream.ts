/** Adapts a `ReadableStream`: locks it at once, because only a reader can tell that the stream has failed. @module */

import type { ReadableStream } from 'node:stream/web';
import type { IterableAdapter } from './adapter.ts';

/** Whether `value` is a `ReadableStream`, or one of a polyfill, that is not locked. */
export function isFreeWebStream(value: object): value is ReadableStream {
  const { getReader, cancel, locked } = value as Partial<ReadableStream>;
  return typeof getReader === 'function' && typeof cancel === 'function' && locked === false;
}

/** Closes by `cancel()`, which settles pending reads. */
export function adaptWebStream(stream: ReadableStream): IterableAdapter {
  const reader = stream.getReader();
  let isOver = false;
  const release = (): void => {
    isOver = true;
    reader.releaseLock();
  };
  return {
    isPrompt: true,
    listen(fail) {
      reader.closed.catch((error: unknown) => {
        // `closed` also rejects when the lock is released.
        if (!isOver) fail(error);
        isOver = true;
      });
    },
    open: () => ({
      async next() {
        const { done, value } = await reader.read();
        if (done && !isOver) release();
        return { done, value: value as unknown };
      },
    }),
    async close() {
      if (isOver) return;
      const canceled = reader.cancel();
      release();
      await canceled;
    },
  };
}
