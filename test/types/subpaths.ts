/** Imports every subpath; compiled in all modes of modules, by all versions of TypeScript that can. */

import { ContextVar, OffloopError, threaded, threadedIterable, ThreadPool } from 'offloop';
import * as cache from 'offloop/cache';
import * as fleet from 'offloop/fleet';
import * as flow from 'offloop/flow';
import * as kafka from 'offloop/kafka';
import * as nats from 'offloop/nats';
import * as objects from 'offloop/objects';
import * as sources from 'offloop/sources';
import * as sse from 'offloop/sse';
import * as streams from 'offloop/streams';
import * as topics from 'offloop/topics';

export const all = [cache, fleet, flow, kafka, nats, objects, sources, sse, streams, topics].map(Object.keys);

const double = threaded((n: number) => n * 2);
export const result: Promise<number> = double(21);
// @ts-expect-error the parameter is a number
void double('21');

const each = threadedIterable(function* each(n: number) {
  yield n;
});
export async function items(): Promise<number[]> {
  const found: number[] = [];
  for await (const item of each(3)) found.push(item);
  return found;
}
export const iterated: AsyncIterableIterator<number> = each(1);

export const user = new ContextVar<string>('user');
export const pool: ThreadPool = new ThreadPool();
export const isClosed = (error: unknown): boolean =>
  error instanceof OffloopError && error.code === 'ERR_OFFLOOP_CLOSED';
