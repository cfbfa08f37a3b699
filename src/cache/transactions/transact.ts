/** Runs transactions. @module */

import { argumentError } from '../../base/errors.ts';
import { show } from '../../base/options.ts';
import { isThenable } from '../../base/thenable.ts';
import { waitOptions } from '../../wait/wait-options.ts';
import type { WaitOptions } from '../../wait/wait-options.ts';
import type { CacheKey } from '../key.ts';
import type { Commit, Store } from '../store.ts';
import { acquire, acquireSync } from './acquire.ts';
import { newId, within } from './around.ts';
import { lockKey, Transaction } from './transaction.ts';

type Run<V, R> = (tx: Transaction<V>) => R;

/**
 * Runs `fn` as the transaction of `key`, and makes its writes; `open` gives the store, unless the cache was closed. The
 * key is free again once the writes are on the disk: whoever takes updates may need it to make room for more.
 */
export async function transact<V, R>(
  open: () => Store,
  key: CacheKey,
  fn: Run<V, R>,
  options: WaitOptions,
): Promise<Awaited<R>> {
  const store = open();
  const wish = { store, key: lockKey(key), id: newId(), options: waitOptions('transaction', options) };
  refuseOther(fn);
  let result: Awaited<R>;
  let commit: Commit | undefined;
  {
    using _pass = await acquire(wish);
    // It may have been closed meanwhile.
    open();
    const tx = new Transaction<V>(open);
    try {
      result = await within(wish.id, () => fn(tx));
    } finally {
      tx.end();
    }
    if (tx.writes.length > 0) commit = await open().commit(tx.writes);
  }
  await commit?.delivered();
  return result;
}

/** As {@link transact}, but blocks this thread. */
export function transactSync<V, R>(open: () => Store, key: CacheKey, fn: Run<V, R>, options: WaitOptions): R {
  const store = open();
  const wish = { store, key: lockKey(key), id: newId(), options: waitOptions('transaction', options) };
  refuseOther(fn);
  let result: R;
  let commit: Commit | undefined;
  {
    using _pass = acquireSync(wish);
    const tx = new Transaction<V>(open);
    try {
      result = within(wish.id, () => fn(tx));
    } finally {
      tx.end();
    }
    if (isThenable(result)) throw asynchronous(result);
    if (tx.writes.length > 0) commit = open().commitSync(tx.writes);
  }
  commit?.deliveredSync();
  return result;
}

/** Generator functions would only be called, and not run. */
function refuseOther(fn: unknown): void {
  if (typeof fn !== 'function')
    throw argumentError(`Cannot begin a transaction: expected a key and a function, received ${show(fn)}`);
  if (/Generator/.test(Object.prototype.toString.call(fn)))
    throw argumentError('Cannot begin a transaction: its function is a generator, which nobody would run');
}

function asynchronous(result: PromiseLike<unknown>): Error {
  // What the function does after its first `await` fails, because the transaction is over: that is said here already.
  result.then(nothing, nothing);
  const text =
    'Cannot make the writes of a transaction that blocks: its function is async, and would go on after it. Use transaction';
  return argumentError(text);
}

const nothing = (): void => undefined;
