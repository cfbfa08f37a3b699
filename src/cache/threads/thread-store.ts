/** The store of one path as a thread of the library has it: it reads by itself, and asks the main side to write. @module */

import { threadId } from 'node:worker_threads';
import { syncWaitCoroutine } from '../../bridge/sync-wait-coroutine.ts';
import { shared } from '../../base/realm.ts';
import { sectionsHere } from '../../threads/sections.ts';
import type { Sections } from '../../threads/sections.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Driver } from '../stores/driver.ts';
import { Gathered } from './gathered.ts';
import type { LentLock } from '../main/locks.ts';
import { leavePath, lendLock, openPath, settledAt, subscribeTo, writeTo } from '../main/main-side.ts';
import type { OpenedPath } from '../main/main-side.ts';
import { commitsAt } from '../main/record.ts';
import { openDriver } from '../main/records.ts';
import type { Store } from '../store.ts';
import { Updates } from '../updates/updates.ts';
import type { UpdatesPlan } from '../updates/updates.ts';
import { UpdatesThere } from '../updates/updates-there.ts';
import { PackedWrites } from './writes.ts';
import type { Write } from './writes.ts';

/** How many locks a thread keeps. */
const mostLocks = 1024;

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
  readonly #locks = new Map<string, LentLock>();
  #caches = 1;
  #seen = 0;

  constructor({ path, words }: OpenedPath, plan: CachePlan, sections: Sections) {
    this.path = path;
    this.plan = plan;
    this.#words = words;
    this.#sections = sections;
    sections.enter();
    try {
      this.#driver = openDriver(path, plan);
    } finally {
      sections.leave();
    }
    this.#gathered = new Gathered({
      send: (bytes) => writeTo(path, bytes, false),
      sendSync: (bytes) => syncWaitCoroutine(writeTo, path, bytes, false),
    });
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

  write(write: Write): PromiseLike<unknown> {
    return this.#gathered.add(write);
  }

  writeAll(writes: readonly Write[]): PromiseLike<unknown> {
    this.#gathered.flush();
    return writeTo(this.path, packed(writes), true);
  }

  writeAllSync(writes: readonly Write[]): void {
    this.#gathered.flush();
    syncWaitCoroutine(writeTo, this.path, packed(writes), true);
  }

  lend(key: string, { isRetired }: { readonly isRetired: boolean }): LentLock {
    const kept = isRetired ? undefined : this.#locks.get(key);
    if (kept) return kept;
    const lent = syncWaitCoroutine(lendLock, this.path, key);
    // Any lock may be dropped: the main side lends it again.
    if (this.#locks.size >= mostLocks) this.#locks.clear();
    this.#locks.set(key, lent);
    return lent;
  }

  settled(): PromiseLike<unknown> {
    return settledAt(this.path);
  }

  settledSync(): void {
    syncWaitCoroutine(settledAt, this.path);
  }

  subscribe<V>(plan: UpdatesPlan, onClose: () => void): Updates<V> {
    const source = new UpdatesThere(plan);
    if (!source.closed) syncWaitCoroutine(subscribeTo, this.path, source.channel, threadId);
    return new Updates<V>(source, onClose);
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
}

function packed(writes: readonly Write[]): Uint8Array {
  const all = new PackedWrites();
  for (const write of writes) all.add(write);
  return all.take();
}
