/** The store in lmdb. None of its transactions is used: no JavaScript may run inside of one. @module */

import { join } from 'node:path';
import { afterMicrotasks } from '../../base/intrinsics.ts';
import { loadPeer } from '../../base/peer.ts';
import { checkLmdbFile } from './lmdb-file.ts';
import { tables } from './driver.ts';
import type { Change, Driver, Page, Row, Table } from './driver.ts';
import { Turn } from './turn.ts';

/** The parts that are used of a database of lmdb, which has keys and values of bytes. */
interface Database {
  getBinaryFast(key: Uint8Array): (Uint8Array & { length: number }) | undefined;
  getRange(options: object): Iterable<{ key: Uint8Array; value: Uint8Array }>;
  getStats(): { entryCount: number };
  put(key: Uint8Array, value: Uint8Array, version: number): Promise<boolean>;
  remove(key: Uint8Array, ifVersion?: number): Promise<boolean>;
  batch(write: () => void): Promise<boolean>;
  resetReadTxn(): void;
}

interface Root {
  openDB(name: string, options: object): Database;
  close(): Promise<void>;
}

interface Lmdb {
  open(options: object): Root;
}

const peer = { name: 'lmdb', from: [3, 5], below: 4, use: 'a cache in lmdb' } as const;

/**
 * The version of an entry is the time at which it expires, for removals on a condition. lmdb does not give the version with
 * keys alone, nor where a program loads it both as CommonJS and as an ES module; so the value of an entry that expires
 * begins with this byte and the time. No other value begins with this byte.
 */
const expiring = 0xff;
const headSize = 1 + 8;

const longestKept = 1024;

/**
 * A write is on the disk when its promise resolves, since flushes do not overlap. lmdb would gather the writes of a turn, itself,
 * but ends them by one of its own, whose promise nobody can get: on a full disk it is an unhandled rejection.
 */
const writing = { overlappingSync: false, eventTurnBatching: false } as const;

const form = { encoding: 'binary', keyEncoding: 'binary', useVersions: true, cache: false } as const;

/**
 * Opens the store in `folder`; `isChecked`, if another thread has it open.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_PEER` as `loadPeer`.
 * @throws {Error} if the file is damaged.
 */
export function openLmdb(folder: string, { isChecked }: { readonly isChecked: boolean }): Driver {
  const lmdb = loadPeer(peer) as Lmdb;
  if (!isChecked) checkLmdbFile(join(folder, 'data.mdb'));
  const root = lmdb.open({ path: folder, noSubdir: false, maxDbs: tables.length, ...writing });
  const open = (name: Table): Database => root.openDB(name, form);
  return new LmdbDriver(root, {
    entries: open('entries'),
    due: open('due'),
    order: open('order'),
    place: open('place'),
  });
}

class LmdbDriver implements Driver {
  expires = 0;

  /** The memory from which lmdb gives values, and the views of its beginning, by their lengths. */
  #buffer: ArrayBufferLike | undefined;
  #views: (Uint8Array | undefined)[] = [];
  readonly #root: Root;
  readonly #tables: Readonly<Record<Table, Database>>;
  readonly #turn = new Turn({ later: afterMicrotasks, commit: async (changes) => this.#commit(changes) });

  constructor(root: Root, databases: Readonly<Record<Table, Database>>) {
    this.#root = root;
    this.#tables = databases;
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    const bytes = this.#tables[table].getBinaryFast(key);
    if (!bytes) return undefined;
    this.expires = timeOf(bytes);
    // Memory that lmdb uses again, whose length is not that of the memory.
    const value = this.#view(bytes);
    return this.expires === 0 ? value : value.subarray(headSize);
  }

  /** A view of `bytes` with the right length; there is one of each length that occurs often. */
  #view(bytes: Uint8Array & { length: number }): Uint8Array {
    const { buffer, byteOffset, length } = bytes;
    if (length > longestKept) return Buffer.from(buffer, byteOffset, length);
    if (buffer !== this.#buffer) {
      this.#buffer = buffer;
      this.#views = [];
    }
    return (this.#views[length] ??= Buffer.from(buffer, byteOffset, length));
  }

  page(table: Table, { start, end, reverse, limit }: Page): Row[] {
    const bounds = reverse
      ? { start: end, exclusiveStart: end !== undefined, end: start, inclusiveEnd: true }
      : { start, end };
    // lmdb tells a bound that is `undefined` from one that is not there.
    const given = Object.fromEntries(Object.entries(bounds).filter(([, bound]) => bound !== undefined));
    const rows: Row[] = [];
    for (const { key, value } of this.#tables[table].getRange({ ...given, reverse, limit })) {
      const expires = timeOf(value);
      rows.push({ key, value: expires === 0 ? value : value.subarray(headSize), expires });
    }
    return rows;
  }

  count(table: Table): number {
    return this.#tables[table].getStats().entryCount;
  }

  refresh(): void {
    this.#tables.entries.resetReadTxn();
  }

  write(changes: readonly Change[]): Promise<unknown> {
    return this.#turn.add(changes);
  }

  async close(): Promise<void> {
    await this.#turn.over();
    await this.#root.close();
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    const refused: unknown[] = [];
    const batch = this.#tables.entries.batch(() => {
      try {
        for (const change of changes) this.#put(change);
      } catch (error) {
        // Thrown out of the batch, it would leave nobody with the promise.
        refused.push(error);
      }
    });
    await batch;
    if (refused.length > 0) throw refused[0];
  }

  #put({ table, key, value, expires, ifExpires }: Change): void {
    const database = this.#tables[table];
    // The promise of a removal on a condition rejects by itself if the batch fails.
    if (!value) database.remove(key, ifExpires).catch(nothing);
    else void database.put(key, expires === 0 ? value : withTime(value, expires), expires);
  }
}

const nothing = (): void => undefined;

function withTime(value: Uint8Array, expires: number): Uint8Array {
  const bytes = new Uint8Array(headSize + value.length);
  bytes[0] = expiring;
  new DataView(bytes.buffer).setFloat64(1, expires);
  bytes.set(value, headSize);
  return bytes;
}

/** When the entry with the value `bytes` expires; 0 for never. */
function timeOf(bytes: Uint8Array): number {
  return bytes[0] === expiring ? new DataView(bytes.buffer, bytes.byteOffset).getFloat64(1) : 0;
}
