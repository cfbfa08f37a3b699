/** The store of one path as a thread of the library has it: it reads by itself, and asks the main side to write. @module */

import { threadId } from 'node:worker_threads';
import { Promise } from '../../base/intrinsics.ts';
import { syncWaitCoroutine } from '../../bridge/sync-wait-coroutine.ts';
import { shared } from '../../base/realm.ts';
import { sectionsHere } from '../../threads/sections.ts';
import type { Sections } from '../../threads/sections.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Driver } from '../stores/driver.ts';
import { BorrowedLocks } from './borrowed-locks.ts';
import { Gathered } from './gathered.ts';
import { commitsAt } from '../main/commits.ts';
import type { LentLock } from '../main/lent-lock.ts';
import { leavePath, openPath, settledAt } from '../main/main-side.ts';
import type { OpenedPath } from '../main/main-side.ts';
import { openDriver } from '../main/records.ts';
import { subscribeTo } from '../main/subscriptions.ts';
import { commitTo, deliveredAt, publishTo } from '../main/writing.ts';
import type { Commit, Store } from '../store.ts';
import { Updates } from '../updates/updates.ts';
import type { UpdatesPlan } from '../updates/updates.ts';
import { UpdatesThere } from '../updates/updates-there.ts';
import { Pressure } from './pressure.ts';
import { sendingApart, sendingTogether } from './sending.ts';
import { packWrites } from './writes.ts';
import type { Write } from './writes.ts';

const stores = shared('caches of the thread', () => new Map<string, ThreadStore>());

/**
 * The store of `path`, opened if this thread does not have it yet. Blocks the thread until the main side has answered.
 *
 * @throws As `openRecord` on the main side does.
 */
export function openThreadStore(path: string, plan: CachePlan): Store {
  // The note of the sections goes first, so that the main side knows of them once it has answered.
  const sections = sectionsHere();
  const opened = syncWaitCoroutine(openPath, path, plan, threadId);
  const known = stores.get(opened.path);
  if (known?.isOf(opened)) return known.shared();
  const store = new ThreadStore(opened, plan, sections);
  stores.set(opened.path, store);
  return store;
}

/** Invariant: the store is read within sections only, and this thread writes nothing to it. */
class ThreadStore implements Store {
  readonly path: string;
  readonly plan: CachePlan;
  readonly #words: Int32Array;
  readonly #sections: Sections;
  readonly #driver: Driver;
  readonly #gathered: Gathered;
  readonly #locks: BorrowedLocks;
  readonly #pressure: Pressure;
  #caches = 1;

  /** How many iterators over updates there are that block whoever publishes. */
  #readers = 0;
  #seen = 0;

  constructor({ path, words }: OpenedPath, plan: CachePlan, sections: Sections) {
    this.path = path;
    this.plan = plan;
    this.#words = words;
    this.#sections = sections;
    sections.enter();
    try {
      this.#driver = openDriver(path, plan, { isChecked: true });
    } finally {
      sections.leave();
    }
    const isBounded = plan.maxEntries !== Infinity || plan.maxBytes !== Infinity;
    this.#locks = new BorrowedLocks(path);
    this.#pressure = new Pressure(() => this.settledSync());
    this.#gathered = new Gathered((isBounded ? sendingApart : sendingTogether)(path, this.#pressure));
  }

  /** Whether this is the store that the main side has now: it may have been closed and opened again. */
  isOf({ words }: OpenedPath): boolean {
    return words[1] === this.#words[1];
  }

  shared(): this {
    this.#caches += 1;
    return this;
  }

  enter(): Driver {
    this.#sections.enter();
    const commits = Atomics.load(this.#words, commitsAt);
    if (commits !== this.#seen) {
      this.#seen = commits;
      this.#driver.refresh();
    }
    return this.#driver;
  }

  leave(): void {
    this.#sections.leave();
  }

  /** What is published goes by itself: who sets an entry must not wait for room that others need. */
  write(write: Write): PromiseLike<unknown> {
    if (!write.isPublished) return this.#gathered.add(write);
    const bytes = packWrites([write]);
    this.#gathered.flush();
    this.#pressure.relieve();
    const reply = publishTo(this.path, bytes);
    this.#pressure.sent(reply);
    return reply;
  }

  async commit(writes: readonly Write[]): Promise<Commit> {
    const bytes = packWrites(writes);
    this.#gathered.flush();
    return this.#committed(await commitTo(this.path, bytes));
  }

  commitSync(writes: readonly Write[]): Commit {
    const bytes = packWrites(writes);
    this.#gathered.flush();
    return this.#committed(syncWaitCoroutine(commitTo, this.path, bytes));
  }

  lend(key: string, options: { readonly mustAsk: boolean }): LentLock {
    return this.#locks.lend(key, options);
  }

  waits(key: string, around: readonly bigint[]): Disposable {
    return this.#locks.waits(key, around);
  }

  settled(): PromiseLike<unknown> {
    return settledAt(this.path);
  }

  settledSync(): void {
    syncWaitCoroutine(settledAt, this.path);
  }

  subscribe<V>(plan: UpdatesPlan, onClose: () => void): Updates<V> {
    const source = new UpdatesThere(plan);
    const { channel } = source;
    let forget = (): void => undefined;
    if (!source.closed) {
      syncWaitCoroutine(subscribeTo, this.path, channel, threadId);
      forget = this.#read(plan.overflow === 'block');
    }
    const leave = (): void => {
      forget();
      channel.close();
    };
    return new Updates<V>(source, { leave, onClose });
  }

  async release(): Promise<void> {
    this.#caches -= 1;
    this.#gathered.flush();
    if (this.#caches > 0) {
      await settledAt(this.path);
      return;
    }
    if (stores.get(this.path) === this) stores.delete(this.path);
    const left = leavePath(this.path, threadId);
    this.#sections.enter();
    // Nothing is written here, so nothing has to be waited for.
    void this.#driver.close();
    this.#sections.leave();
    await left;
  }

  #committed(ticket: number): Commit {
    return {
      delivered: () => (ticket === 0 ? Promise.resolve() : deliveredAt(ticket)),
      deliveredSync: () => {
        // Nobody would make room in an iterator of this thread while it blocks.
        if (ticket !== 0 && this.#readers === 0) syncWaitCoroutine(deliveredAt, ticket);
      },
    };
  }

  /** Counts an iterator that may make others wait; gives what ends that. */
  #read(blocks: boolean): () => void {
    if (!blocks) return () => undefined;
    this.#readers += 1;
    let isOver = false;
    return () => {
      if (!isOver) this.#readers -= 1;
      isOver = true;
    };
  }
}
