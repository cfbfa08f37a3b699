/** The store under a cache: in the thread that owns the store, and in any other. @module */

import type { Driver } from './stores/driver.ts';
import type { LentLock } from './main/lent-lock.ts';
import type { CachePlan } from './cache-options.ts';
import type { Updates, UpdatesPlan } from './updates/updates.ts';
import type { Write } from './threads/writes.ts';

/** Writes that are on the disk. */
export interface Commit {
  /** Resolves once every iterator that blocks has room for what was published. */
  delivered(): PromiseLike<unknown>;

  /** As {@link Commit.delivered}, but blocks this thread; iterators of this very thread are not waited for. */
  deliveredSync(): void;
}

/** One open store. */
export interface Store {
  /** The path as all threads name it. */
  readonly path: string;
  readonly plan: CachePlan;

  /** Begins and ends reads: the thread is not ended in between, and sees all writes that were acknowledged. */
  enter(): Driver;
  leave(): void;

  /** Makes one write, whose memory is not used any more then; writes of one turn may share a promise. */
  write(write: Write): PromiseLike<unknown>;

  /** Makes all writes, or none; resolves once they are on the disk. */
  commit(writes: readonly Write[]): PromiseLike<Commit>;

  /** As {@link Store.commit}, but blocks this thread. */
  commitSync(writes: readonly Write[]): Commit;

  /** Gives the lock of a key; with `mustAsk`, as the main side has it now: the one before may be retired. */
  lend(key: string, options: { readonly mustAsk: boolean }): LentLock;

  /**
   * Notes that the transactions `around` wait for the lock of a key, until the result is disposed of.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` if the lock could not become free while they wait.
   */
  waits(key: string, around: readonly bigint[]): Disposable;

  /** Resolves once everything was written that threads have sent before they ended. */
  settled(): PromiseLike<unknown>;
  settledSync(): void;

  subscribe<V>(plan: UpdatesPlan, onClose: () => void): Updates<V>;

  /** Called when a cache that used the store was closed: resolves once its writes are over. */
  release(): Promise<void>;
}
