/** The types of wrapped generator functions. Nothing here runs. @module */

import {
  IteratorWrapper,
  IteratorWrapperSeparate,
  threaded,
  threadedIterable,
  threadedIterableSeparate,
  ThreadedIterator,
  threadedSeparate,
  ThreadPool,
} from './api.ts';
import { same, typed } from './equal.ts';

function* count(from: number, to = 10): Generator<number, string, boolean> {
  for (let n = from; n < to; n += 1) if (yield n) return 'stopped';
  return 'done';
}
const lines = async (path: string): Promise<string[]> => [path];

// Items, what is returned and what `next` takes stay what they are.
const counted = threadedIterable(count);
same<ReturnType<typeof counted>, ThreadedIterator<number, string, boolean>>();
counted(1, 2);
// @ts-expect-error: an argument of another type
counted('1');
same<typeof counted.syncCall, typeof count>();
const iterator: AsyncIterableIterator<number, string, boolean> = counted(1);
const disposable: AsyncDisposable = counted(1, 2);
void counted(1).next(true);
// @ts-expect-error: next takes what yield gives
void counted(1).next(1);

// Any iterable will do, also of promises, and in a promise.
const read = threadedIterable(lines);
same<ReturnType<typeof read>, ThreadedIterator<string>>();
const promised = threadedIterable(function* () {
  yield Promise.resolve(1);
});
typed<Promise<IteratorResult<number, void>>>()(promised().next());
// @ts-expect-error: a function that returns no iterable
threadedIterable(() => 1);

// All four make the same of a generator function.
typed<ThreadedIterator<number, string, boolean>>()(threaded(count)(1));
typed<ThreadedIterator<number, string, boolean>>()(threaded({})(count)(1));
typed<ThreadedIterator<number, string, boolean>>()(threadedSeparate(count)(1));
typed<ThreadedIterator<number, string, boolean>>()(threadedIterableSeparate(count)(1));
threadedIterable({ maxSize: 2 })(count).with({ maxSize: 0, signal: AbortSignal.timeout(1) })(1);
threaded(count, { maxSize: Infinity, overflow: 'drop-oldest', closeTimeout: 1, pool: ThreadPool.default });
threadedIterable(count, { timeout: 1 }).with({ timeout: 2 })(1);
threadedIterableSeparate(count, { detach: true }).with({ detach: false, timeout: 1 })(1);
threadedSeparate(count, { detach: true });
IteratorWrapperSeparate(count, { args: [1], detach: true });
// @ts-expect-error: pooled iterators cannot be detached
threadedIterable(count, { detach: true });
// @ts-expect-error: there is no such policy
threadedIterable(count, { overflow: 'drop' });
// @ts-expect-error: a thread of its own is in no pool
threadedIterableSeparate(count, { pool: ThreadPool.default });

// At the place of use.
typed<ThreadedIterator<number, string, boolean>>()(new IteratorWrapper(count, { args: [1] }));
void new IteratorWrapper(count, { args: [1], maxSize: 2 });
IteratorWrapperSeparate(count, { args: [1, 2] });
// @ts-expect-error: an argument of another type
void new IteratorWrapper(count, { args: ['1'] });

class Reader {
  @threadedIterable({ maxSize: 2 }) async *chunks(size: number) {
    yield size;
  }

  // @ts-expect-error: a decorator cannot make an async iterator of it
  @threadedIterable *syncChunks() {
    yield 1;
  }
}

export { disposable, iterator, Reader };
