/** The records of this thread, which is the main side, by path. @module */

import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { argumentError, OffloopError } from '../../base/errors.ts';
import { shared } from '../../base/realm.ts';
import { outside } from '../../context/here.ts';
import { isSamePlan } from '../cache-options.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Driver } from '../stores/driver.ts';
import { openLmdb } from '../stores/lmdb-driver.ts';
import { Record } from './record.ts';
import { openSqlite } from '../stores/sqlite-driver.ts';
import { storeError } from '../stores/store-error.ts';

const records = shared('caches', () => ({ made: 0, byPath: new Map<string, Record>() }));

/** The identities of the files of the stores, as they were when they were opened. */
const identities = new WeakMap<Record, string>();

/** The file that each store has in its folder. */
const files: Readonly<globalThis.Record<CachePlan['driver'], string>> = { lmdb: 'data.mdb', sqlite: 'cache.sqlite' };

/**
 * The record of `path`, made if there is none.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the path is open with another plan, or has a store of another driver.
 * @throws {OffloopError} `ERR_OFFLOOP_STORE` if the store cannot be opened, `ERR_OFFLOOP_PEER` if its driver cannot.
 */
export function openRecord(path: string, plan: CachePlan): Record {
  const folder = folderAt(path);
  const known = records.byPath.get(folder);
  if (known) {
    if (isSamePlan(known.plan, plan)) return stillThere(known);
    throw argumentError(`Cannot open the cache ${folder}: it is open with other options`);
  }
  refuseOther(folder, plan.driver);
  // The store outlives the call that happens to open it.
  return outside(() => newRecord(folder, plan));
}

function newRecord(folder: string, plan: CachePlan): Record {
  const driver = openDriver(folder, plan);
  records.made += 1;
  const record: Record = new Record({
    path: folder,
    plan,
    driver,
    id: records.made,
    onUnused: () => void (records.byPath.get(folder) === record && records.byPath.delete(folder)),
  });
  records.byPath.set(folder, record);
  identities.set(record, identityOf(record));
  return record;
}

/** @throws {OffloopError} `ERR_OFFLOOP_STORE` if the path has another file now: what is written would go to the old one. */
function stillThere(record: Record): Record {
  if (identityOf(record) === identities.get(record)) return record;
  const text = `Cannot open the cache ${record.path}: its folder was moved or removed while it is open. Close its caches first`;
  throw new OffloopError('ERR_OFFLOOP_STORE', text);
}

function identityOf({ path, plan }: Record): string {
  const { dev, ino } = statSync(join(path, files[plan.driver]), { bigint: true, throwIfNoEntry: false }) ?? {};
  return `${dev} ${ino}`;
}

/**
 * The open record of `path`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if there is none.
 */
export function recordAt(path: string): Record {
  const record = records.byPath.get(path);
  if (record) return record;
  throw new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot use the cache ${path}: it is closed`);
}

/** The record with this identity. */
export function recordOf(id: number): Record | undefined {
  return [...records.byPath.values()].find(({ words }) => words[1] === id);
}

/**
 * Opens the store in `folder`; `isChecked`, if another thread has it open.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_STORE` if it cannot be opened, `ERR_OFFLOOP_PEER` if its driver cannot.
 */
export function openDriver(folder: string, { driver }: CachePlan, isChecked: IsChecked = unchecked): Driver {
  try {
    return driver === 'lmdb' ? openLmdb(folder, isChecked) : openSqlite(folder);
  } catch (cause) {
    throw storeError(`Cannot open the cache ${folder}`, cause);
  }
}

interface IsChecked {
  readonly isChecked: boolean;
}

const unchecked: IsChecked = { isChecked: false };

/** The folder of the store as all threads name it; made if it is not there. */
function folderAt(path: string): string {
  try {
    makeFolder(resolve(path));
    if (!statSync(path).isDirectory()) throw new Error('it is no folder');
    return realpathSync(path);
  } catch (cause) {
    throw storeError(`Cannot open the cache ${resolve(path)}`, cause);
  }
}

/**
 * Makes `folder` and those around it that are not there. The option `recursive` of `mkdirSync` never ends where the system
 * says of a folder that is there that a folder in it could not be made for want of its parent, as in `/proc`.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

function refuseOther(folder: string, driver: CachePlan['driver']): void {
  const other = driver === 'lmdb' ? 'sqlite' : 'lmdb';
  if (existsSync(join(folder, files[driver])) || !existsSync(join(folder, files[other]))) return;
  throw argumentError(`Cannot open the cache ${folder} with the driver ${driver}: it has a store of ${other}`);
}
