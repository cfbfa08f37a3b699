/** Gives names to threads that other code starts, for debuggers and tools of the system. @module */

import { createRequire } from 'node:module';
import type { Worker, WorkerOptions } from 'node:worker_threads';

type Threads = { Worker: typeof Worker };

/**
 * Calls `start`, and names the threads that it starts before it returns `name`. Piscina passes no name on, but takes the
 * class from the module of Node.js as it starts a thread.
 */
export function named<T>(name: string, start: () => T): T {
  const threads = createRequire(import.meta.url)('node:worker_threads') as Threads;
  const { Worker: original } = threads;
  const construct = (target: typeof Worker, [file, options]: [string | URL, WorkerOptions?], as: Function): Worker =>
    Reflect.construct(target, [file, { name, ...options }], as) as Worker;
  if (!Reflect.set(threads, 'Worker', new Proxy(original, { construct }))) return start();
  try {
    return start();
  } finally {
    threads.Worker = original;
  }
}
