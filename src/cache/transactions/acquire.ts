/** Acquires the lock of a key for a transaction. @module */

import { throwIfAborted } from '../../base/signal.ts';
import { Pass } from '../../sync/pass.ts';
import type { WaitOptions } from '../../wait/wait-options.ts';
import { isAbandoned } from '../main/abandoned.ts';
import { holderIn, isRetired } from '../main/lent-lock.ts';
import type { LentLock } from '../main/lent-lock.ts';
import type { Store } from '../store.ts';
import { begins, ends, transactionsAround, transactionsBlocked } from './around.ts';

/** What is acquired, and for which transaction. */
export interface Wish {
  readonly store: Store;

  /** The key's bytes as Latin-1 text. */
  readonly key: string;
  readonly id: bigint;
  readonly options: WaitOptions;
}

/**
 * Resolves once the transaction has the lock of its key.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` if the holder of the lock waits for this code.
 */
export async function acquire(wish: Wish): Promise<Pass> {
  const { store, key } = wish;
  for (let mustAsk = false; ; mustAsk = true) {
    const lent = store.lend(key, { mustAsk });
    try {
      const pass = await wait(lent, wish);
      if (claims(lent, pass)) return held(lent, pass, wish.id);
    } catch (error) {
      if (!isAbandoned(error)) throw error;
      // Nobody has the lock now, but what its last holder had sent before it ended may still be being written.
      await store.settled();
    }
  }
}

/** As {@link acquire}, but blocks this thread. */
export function acquireSync(wish: Wish): Pass {
  const { store, key } = wish;
  for (let mustAsk = false; ; mustAsk = true) {
    const lent = store.lend(key, { mustAsk });
    try {
      const pass = waitSync(lent, wish);
      if (claims(lent, pass)) return held(lent, pass, wish.id);
    } catch (error) {
      if (!isAbandoned(error)) throw error;
      store.settledSync();
    }
  }
}

/** Waits for `lent`. A wait within no transaction closes no circle, so nobody has to be told of it. */
async function wait({ lock }: LentLock, { store, key, options }: Wish): Promise<Pass> {
  const around = transactionsAround();
  if (around.length === 0) return lock.acquireAsync(options);
  throwIfAborted(options.signal);
  const free = lock.tryAcquire();
  if (free) return free;
  using _wait = store.waits(key, around);
  return await lock.acquireAsync(options);
}

function waitSync({ lock }: LentLock, { store, key, options }: Wish): Pass {
  const blocked = transactionsBlocked();
  if (blocked.length === 0) return lock.acquire(options);
  throwIfAborted(options.signal);
  const free = lock.tryAcquire();
  if (free) return free;
  using _wait = store.waits(key, blocked);
  return lock.acquire(options);
}

/** Gives `pass` back if its lock was retired meanwhile. */
function claims(lent: LentLock, pass: Pass): boolean {
  if (!isRetired(lent)) return true;
  pass[Symbol.dispose]();
  return false;
}

/** Notes who has the lock, as long as it is held. */
function held(lent: LentLock, pass: Pass, id: bigint): Pass {
  const holder = holderIn(lent);
  begins(id);
  Atomics.store(holder, 0, id);
  return new Pass(() => {
    ends(id);
    Atomics.store(holder, 0, 0n);
    pass[Symbol.dispose]();
  });
}
