/** The main side's record of one path: the store, who writes to it, the locks and the hub. @module */

import { outside } from '../../context/here.ts';
import { wouldBlock } from '../../wait/block.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Change, Driver } from '../stores/driver.ts';
import { keptWrite } from '../entry.ts';
import type { Commit, Store } from '../store.ts';
import type { Write } from '../threads/writes.ts';
import type { Updates, UpdatesPlan } from '../updates/updates.ts';
import { updatesHere } from '../updates/updates-here.ts';
import { Commits } from './commits.ts';
import { DueRows } from './due.ts';
import { Hub } from './hub.ts';
import type { Update } from './hub.ts';
import { Keeper } from './keeper.ts';
import type { LentLock } from './lent-lock.ts';
import { Locks } from './locks.ts';
import { staleTotals, totalsIn } from './places.ts';
import { readError } from '../stores/store-error.ts';
import { Sweeper } from './sweeper.ts';
import { noteWait } from './waits.ts';

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

/** Writes under way. */
interface Writing {
  /** Settles once they are on the disk. */
  readonly written: Promise<unknown>;

  /** Settles once, moreover, every iterator that blocks has room for what was published. */
  readonly delivered: Promise<unknown>;
}

/** All writes of all threads are made here: no thread that may be terminated has a write of its own under way. */
export class Record implements Store {
  readonly path: string;
  readonly plan: CachePlan;
  readonly hub: Hub = new Hub();

  /** The threads that have the path open, by their ids; and how many caches of this thread do. */
  readonly threads: Set<number> = new Set();
  caches = 0;

  readonly #driver: Driver;
  readonly #commits: Commits;
  readonly #keeper: Keeper | undefined;
  readonly #due: DueRows;
  readonly #sweeper: Sweeper;
  readonly #locks: Locks;
  readonly #onUnused: () => void;

  /** The number of commits that reads of this thread see. */
  #seen = 0;
  #closed: Promise<void> | undefined;

  constructor({ path, plan, driver, id, onUnused }: RecordFacts) {
    this.path = path;
    this.plan = plan;
    this.#driver = driver;
    this.#onUnused = onUnused;
    this.#commits = new Commits(id, path);
    const isBounded = plan.maxEntries !== Infinity || plan.maxBytes !== Infinity;
    this.#keeper = isBounded ? new Keeper(driver, plan) : undefined;
    if (!isBounded) this.#forgetBounds();
    this.#locks = new Locks(async () => this.settled());
    this.#due = new DueRows(driver);
    this.#sweeper = new Sweeper({
      driver,
      removeExpired: async (writes, due) => this.#commits.acknowledge(this.#start(writes, due)),
      looked: (hasRows) => this.#due.looked(hasRows),
    });
  }

  /** Words that threads share. */
  get words(): Int32Array {
    return this.#commits.words;
  }

  enter(): Driver {
    const { count } = this.#commits;
    if (count !== this.#seen) {
      this.#seen = count;
      this.#driver.refresh();
    }
    return this.#driver;
  }

  leave(): void {}

  write(write: Write): Promise<unknown> {
    return this.writeKept(keptWrite(write));
  }

  /** As {@link Record.write}; the memory of the write is not used by others until it is over. */
  writeKept(write: Write): Promise<unknown> {
    const { expires, isPublished } = write;
    if (isPublished || this.#keeper || this.#due.concerns(expires)) return this.#make([write]).delivered;
    return this.#commits.acknowledge(this.#start([write], []));
  }

  /** Makes all writes or none. */
  writeTogether(writes: readonly Write[]): Promise<unknown> {
    return this.#make(writes).delivered;
  }

  async commit(writes: readonly Write[]): Promise<Commit> {
    const { written, delivered } = this.#make(writes);
    // It rejects as the writes do.
    delivered.catch(nothing);
    await written;
    return { delivered: () => delivered, deliveredSync: nothing };
  }

  commitSync(): never {
    throw wouldBlock('a write');
  }

  lend(key: string): LentLock {
    return this.#locks.lend(key);
  }

  waits(key: string, around: readonly bigint[]): Disposable {
    return noteWait({ lent: this.lend(key), key, path: this.path, around });
  }

  async settled(): Promise<void> {
    await this.#commits.settled();
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
    this.closeUnused().catch(nothing);
  }

  /** Closes the store once its writes are over, if nobody uses it then. */
  async closeUnused(): Promise<void> {
    while (this.#isUnused && this.#commits.isPending) await this.settled();
    if (!this.#isUnused) return undefined;
    // Nothing is awaited here, so nobody can have opened the path meanwhile.
    this.#closed ??= this.#close();
    return this.#closed;
  }

  get #isUnused(): boolean {
    return this.caches === 0 && this.threads.size === 0;
  }

  /** What is written without bounds is counted when the store has bounds again. */
  #forgetBounds(): void {
    const totals = totalsIn(this.#driver);
    if (!totals || totals.entries < 0) return;
    this.#commits.acknowledge(this.#driver.write([staleTotals(totals)])).catch(nothing);
  }

  async #close(): Promise<void> {
    this.#onUnused();
    this.#sweeper.close();
    await this.#driver.close();
  }

  #make(writes: readonly Write[]): Writing {
    const written = this.#withDue(writes);
    // What is published outlives the message that it came in.
    const updates: Update[] = [];
    for (const { key, value, isPublished } of writes)
      if (isPublished && value) updates.push({ key: new Uint8Array(key), value: new Uint8Array(value) });
    return { written, delivered: updates.length > 0 ? this.hub.publish(written, updates) : written };
  }

  #withDue(writes: readonly Write[]): Promise<unknown> {
    if (!writes.some(({ expires }) => this.#due.concerns(expires)))
      return this.#commits.acknowledge(this.#start(writes, []));
    const { changes, settled } = this.#rowsFor(writes);
    // The rows go with their entries, or not at all.
    const written = this.#commits.acknowledge(this.#start(writes, changes));
    const noteAll = (): void => {
      settled();
      for (const { expires } of writes) if (expires !== 0) this.#sweeper.note(expires);
    };
    void written.then(noteAll, settled);
    return written;
  }

  #rowsFor(writes: readonly Write[]): ReturnType<DueRows['changesFor']> {
    // A bounded store knows by itself when what it replaces or drops would have expired.
    if (this.#keeper) return noRows;
    try {
      this.enter();
      return this.#due.changesFor(writes);
    } catch (error) {
      throw readError(error, this.path);
    }
  }

  #start(writes: readonly Write[], further: readonly Change[]): Promise<unknown> {
    if (this.#keeper) return this.#keeper.apply(writes, further);
    const changes = further.length === 0 ? writes : [...writes, ...further];
    // The driver keeps the promise of a turn, which others share.
    return outside(() => this.#driver.write(changes));
  }
}

const nothing = (): void => undefined;
const noRows = { changes: [], settled: nothing };
