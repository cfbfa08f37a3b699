/** synckit works the other way round: main blocks, and a thread answers. @module */

import { fileURLToPath } from 'node:url';
import { createSyncFn } from 'synckit';

export function open() {
  const ask = createSyncFn(fileURLToPath(new URL('./bridge-synckit-worker.mjs', import.meta.url)));

  return {
    async trips(count) {
      const begin = performance.now();
      let thread;
      for (let i = 0; i < count; i += 1) {
        const { value, threadId } = ask(i);
        if (value !== i + 1) throw new Error(`Answer ${i} is wrong`);
        thread = threadId;
      }
      return { time: performance.now() - begin, threadId: thread };
    },
    close() {},
  };
}
