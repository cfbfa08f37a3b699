/** The types of a pool: its options, methods, statistics and events. @module */

import { threaded, ThreadPool, threadNumber } from './api.ts';
import type { PoolStats, ThreadEndEvent, ThreadEndReason, ThreadPoolOptions, ThreadStats } from './api.ts';
import { same, typed } from './equal.ts';

const connect = threaded((host: string, port: number) => `${host}:${port}`);

// `init` may have parameters, which `initArgs` are.
const pool = new ThreadPool({ size: 2, init: connect, initArgs: ['db', 1], maxTasksPerThread: 1 });
const options: ThreadPoolOptions = { init: threaded(async () => 1), initArgs: [] as const };
typed<ThreadPool>()(new ThreadPool(options));
// @ts-expect-error: `init` gives a promise
typed<ThreadPool>()(new ThreadPool({ init: () => 1 }));
// @ts-expect-error: a list
typed<ThreadPool>()(new ThreadPool({ init: connect, initArgs: 'db' }));

typed<number | undefined>()(threadNumber());

// How it ends, and begins anew.
typed<Promise<void>>()(pool.close({ waiting: 'reject', timeout: 1 }));
typed<Promise<void>>()(pool.close({ waiting: 'finish' }));
typed<Promise<void>>()(pool.recycle());
// @ts-expect-error: no such way
void pool.close({ waiting: 'abort' });

// Statistics and events.
typed<PoolStats>()(pool.resetStats());
const { perThread, runTime } = pool.stats();
typed<readonly ThreadStats[]>()(perThread);
typed<number>()(runTime.min + runTime.deviation);
same<keyof ThreadStats, 'number' | 'threadId' | 'calls' | 'busy' | 'blocked' | 'iterating' | 'runTime' | 'age'>();
// @ts-expect-error: what it says is read-only
perThread.length = 0;

pool.on('threadStart', (event) => {
  typed<number>()(event.threadId);
  typed<number | undefined>()(event.number);
  // @ts-expect-error: it has not ended
  event.reason satisfies string;
});
pool.on('threadEnd', (event) => {
  typed<ThreadEndEvent>()(event);
  typed<ThreadEndReason>()(event.reason);
  typed<number>()(event.exitCode);
});
pool.once('threadReplace', ({ replaced }) => typed<number>()(replaced));
pool.on('error', (error) => typed<unknown>()(error));
// @ts-expect-error: no such event
pool.on('threadGone', () => undefined);
