/** The main side's record of one path: the store, who writes to it, the locks and the hub. @module */

import { Promise } from '../../base/intrinsics.ts';
import { wouldBlock } from '../../wait/block.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Change, Driver } from '../stores/driver.ts';
import { dueOf, Sweeper } from './due.ts';
import { Hub } from './hub.ts';
import { Keeper } from './keeper.ts';
import { Locks } from './locks.ts';
import type { LentLock } from './locks.ts';
import { storeError } from '../stores/store-error.ts';
import type { Store } from '../store.ts';
import type { Updates, UpdatesPlan } from '../updates/updates.ts';
import { updatesHere } from '../updates/updates-here.ts';
import type { Write } from '../threads/writes.ts';

/** How a record is made. */
export interface RecordFacts {
  readonly path: string;
  readonly plan: CachePlan;
  readonly driver: Driver;

  /** Identifies the record among threads. */
  readonly id: number;

  /** Called when nobody uses the record any more, before the store is closed. */
  readonly onUnused: () => void;
}

/** Words that threads share: two that identify the record, as with primitives, and the number of commits. */
export const commitsAt = 2;

/**
 * All writes of all threads are made here: no thread that may be terminated has a write of its own under way.
 *
 * Invariant: a write is acknowledged after `commits` was raised for it, so whoever has heard of the write sees that its
 * view of the store is out of date.
 */
export class Record implements Store {
  readonly path: string;
  readonly plan: CachePlan;
  readonly words: Int32Array;
  readonly hub: Hub = new Hub();

  /** The threads that have the path open, by their ids; and how many caches of this thread do. */
  readonly threads: Set<number> = new Set();
  caches = 0;

  readonly #driver: Driver;
  readonly #keeper: Keeper | undefined;
  readonly #sweeper: Sweeper;
  readonly #locks: Locks;
  readonly #onUnused: () => void;

  /** The number of commits that reads of this thread see. */
  #seen = 0;

  /** The promise that the store gave last, and the one that follows it. */
  #written: Promise<unknown> | undefined;
  #acknowledged: Promise<unknown> = Promise.resolve();
  readonly #pending = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor({ path, plan, driver, id, onUnused }: RecordFacts) {
    this.path = path;
    this.plan = plan;
    this.#driver = driver;
    this.#onUnused = onUnused;
    this.words = new Int32Array(new SharedArrayBuffer((commitsAt + 1) * Int32Array.BYTES_PER_ELEMENT));
    this.words.set([1, id]);
    const isBounded = plan.maxEntries !== Infinity || plan.maxBytes !== Infinity;
    this.#keeper = isBounded ? new Keeper(driver, plan) : undefined;
    this.#locks = new Locks(async () => this.settled());
    this.#sweeper = new Sweeper({
      driver,
      removeExpired: async (writes, due) => this.#remove(writes, due),
    });
  }

  enter(): Driver {
    const commits = Atomics.load(this.words, commitsAt);
    if (commits !== this.#seen) {
      this.#seen = commits;
      this.#driver.refresh();
    }
    return this.#driver;
  }

  leave(): void {}

  write(write: Write): Promise<unknown> {
    const { key, value, expires, isPublished } = write;
    if (expires !== 0 || isPublished || this.#keeper) return this.writeAll([write]);
    return this.#acknowledge(this.#driver.writeOne({ table: 'entries', key, value, expires: 0 }));
  }

  /** Makes all writes, not as a whole. */
  writeEach(writes: readonly Write[]): Promise<unknown> {
    return this.#make(writes, { isWhole: false });
  }

  writeAll(writes: readonly Write[]): Promise<unknown> {
    return this.#make(writes, { isWhole: true });
  }

  writeAllSync(): never {
    throw wouldBlock('a write');
  }

  lend(key: string): LentLock {
    return this.#locks.lend(key);
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  settledSync(): never {
    throw wouldBlock('writes');
  }

  subscribe<V>(plan: UpdatesPlan, onClose: () => void): Updates<V> {
    return updatesHere(this.hub, plan, onClose);
  }

  async release(): Promise<void> {
    this.caches -= 1;
    await this.settled();
    await this.closeUnused();
  }

  /** Called when the thread `id` has closed its caches, or has ended. */
  left(id: number): void {
    this.threads.delete(id);
    // There is nobody to tell of an error.
    this.closeUnused().catch(() => undefined);
  }

  /** Closes the store once its writes are over, if nobody uses it then. */
  async closeUnused(): Promise<void> {
    while (this.#isUnused && this.#pending.size > 0) await this.settled();
    if (!this.#isUnused) return undefined;
    // Nothing is awaited here, so nobody can have opened the path meanwhile.
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get #isUnused(): boolean {
    return this.caches === 0 && this.threads.size === 0;
  }

  async #close(): Promise<void> {
    this.#onUnused();
    this.#sweeper.close();
    await this.#driver.close();
  }

  #make(writes: readonly Write[], options: { readonly isWhole: boolean }): Promise<unknown> {
    const acknowledged = this.#acknowledge(this.#start(writes, options));
    for (const { expires } of writes) if (expires !== 0) this.#sweeper.note(expires);
    const updates = writes.flatMap(({ key, value, isPublished }) =>
      isPublished && value ? [{ key: new Uint8Array(key), value: new Uint8Array(value) }] : [],
    );
    return updates.length > 0 ? this.hub.publish(acknowledged, updates) : acknowledged;
  }

  #start(writes: readonly Write[], options: { readonly isWhole: boolean }): Promise<unknown> {
    const due = writes.flatMap((write) => (write.value && write.expires !== 0 ? [dueOf(write)] : []));
    if (this.#keeper) return this.#keeper.apply(writes, due);
    const changes = writes.map(({ key, value, expires }): Change => ({ table: 'entries', key, value, expires }));
    return this.#driver.write([...changes, ...due], options);
  }

  async #remove(writes: readonly Write[], due: readonly Change[]): Promise<void> {
    const changes = writes.map((write): Change => ({ ...write, table: 'entries' }));
    const written = this.#keeper
      ? this.#keeper.apply(writes, due)
      : this.#driver.write([...changes, ...due], { isWhole: false });
    await this.#acknowledge(written);
  }

  /** Raises the number of commits once `written` has resolved; gives a promise of that. */
  #acknowledge(written: Promise<unknown>): Promise<unknown> {
    if (written === this.#written) return this.#acknowledged;
    this.#written = written;
    this.#acknowledged = this.#follow(written);
    return this.#acknowledged;
  }

  async #follow(written: Promise<unknown>): Promise<void> {
    this.#pending.add(written);
    try {
      await written;
      Atomics.add(this.words, commitsAt, 1);
    } catch (error) {
      throw await storeError(error);
    } finally {
      this.#pending.delete(written);
    }
  }
}
