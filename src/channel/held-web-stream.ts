/** How a `ReadableStream` is held: locked from the beginning, so that its failure is heard of. @module */

import type { ReadableStream } from 'node:stream/web';
import type { Way } from './held-way.ts';

/** Whether `value` is a `ReadableStream`, or one of a polyfill, that nobody reads. */
export function isFreeWebStream(value: object): value is ReadableStream {
  const { getReader, cancel, locked } = value as Partial<ReadableStream>;
  return typeof getReader === 'function' && typeof cancel === 'function' && locked === false;
}

/** Closes by `cancel()`, which settles what is awaited of it. */
export function webStreamWay(stream: ReadableStream): Way {
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
        // It says so as well when the lock is given up.
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
