/** The store under a cache: in the thread that owns the store, and in any other. @module */

import type { Driver } from './stores/driver.ts';
import type { LentLock } from './main/locks.ts';
import type { CachePlan } from './cache-options.ts';
import type { Updates, UpdatesPlan } from './updates/updates.ts';
import type { Write } from './threads/writes.ts';

/** One open store. */
export interface Store {
  /** The path as all threads name it. */
  readonly path: string;
  readonly plan: CachePlan;

  /** Begins and ends reads: the thread is not ended in between, and sees all writes that were acknowledged. */
  enter(): Driver;
  leave(): void;

  /** Makes one write; writes of one turn may share a promise. */
  write(write: Write): PromiseLike<unknown>;

  /** Makes all writes, or none. */
  writeAll(writes: readonly Write[]): PromiseLike<unknown>;

  /** As {@link Store.writeAll}, but blocks this thread until they are on the disk. */
  writeAllSync(writes: readonly Write[]): void;

  /** Gives the lock of a key; where it was `retired`, another one. */
  lend(key: string, options: { readonly isRetired: boolean }): LentLock;

  /** Resolves once everything was written that threads have sent before they ended. */
  settled(): PromiseLike<unknown>;
  settledSync(): void;

  subscribe<V>(plan: UpdatesPlan, onClose: () => void): Updates<V>;

  /** Called when a cache that used the store was closed: resolves once its writes are over. */
  release(): Promise<void>;
}
