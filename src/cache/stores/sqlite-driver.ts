/** The store in SQLite, which is a part of newer versions of Node.js. @module */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from '../../base/clock.ts';
import { OffloopError } from '../../base/errors.ts';
import { tables } from './driver.ts';
import type { Change, Driver, Page, Row, Table } from './driver.ts';
import { Turn } from './turn.ts';

interface Statement {
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): unknown;
}

interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

type DatabaseSync = new (path: string) => Database;

/** How long to wait for another connection that writes, in milliseconds. */
const longestWait = 60_000;

/**
 * Opens the store in `folder`. The writes of one turn are one transaction, which is on the disk when their promise
 * resolves; if the thread ends within it, SQLite rolls it back.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_PEER` if this version of Node.js has no SQLite.
 */
export function openSqlite(folder: string): Driver {
  return new SqliteDriver(new (loadSqlite())(join(folder, 'cache.sqlite')));
}

function loadSqlite(): DatabaseSync {
  try {
    return (createRequire(import.meta.url)('node:sqlite') as { DatabaseSync: DatabaseSync }).DatabaseSync;
  } catch (cause) {
    const text = `Cannot open a cache in SQLite: Node.js ${process.version} has none. Use Node.js from 22.13 on, or the driver lmdb`;
    throw new OffloopError('ERR_OFFLOOP_PEER', text, { cause });
  }
}

class SqliteDriver implements Driver {
  expires = 0;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();
  readonly #turn = new Turn({ later: setImmediate, commit: async (changes) => this.#commit(changes) });

  constructor(database: Database) {
    this.#database = database;
    database.exec(`PRAGMA busy_timeout = ${longestWait}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
    for (const table of tables) {
      const columns = 'key BLOB PRIMARY KEY, value BLOB NOT NULL, expires REAL NOT NULL';
      // Looked for first, because making a table has to wait for other connections that write.
      if (this.#prepared('SELECT 1 FROM sqlite_schema WHERE name = ?').get(`cache_${table}`) === undefined)
        database.exec(`CREATE TABLE IF NOT EXISTS cache_${table} (${columns}) WITHOUT ROWID`);
    }
  }

  get(table: Table, key: Uint8Array): Uint8Array | undefined {
    const sql = `SELECT value, expires FROM cache_${table} WHERE key = ?`;
    const row = this.#prepared(sql).get(key) as { value: Uint8Array; expires: number } | undefined;
    if (row) this.expires = row.expires;
    return row?.value;
  }

  page(table: Table, { start, end, reverse, limit, values }: Page): Row[] {
    const bounds = [start && 'key >= ?', end && 'key < ?'].filter((it) => it !== undefined);
    const where = bounds.length > 0 ? `WHERE ${bounds.join(' AND ')}` : '';
    const columns = values ? 'key, value, expires' : "key, x'' AS value, expires";
    const order = reverse ? 'DESC' : 'ASC';
    const sql = `SELECT ${columns} FROM cache_${table} ${where} ORDER BY key ${order} LIMIT ?`;
    const given = [start, end].filter((it) => it !== undefined);
    return this.#prepared(sql).all(...given, limit) as Row[];
  }

  count(table: Table): number {
    return (this.#prepared(`SELECT count(*) AS count FROM cache_${table}`).get() as { count: number }).count;
  }

  /** Each read sees what was committed before it. */
  refresh(): void {}

  write(changes: readonly Change[]): Promise<unknown> {
    return this.#turn.add(changes);
  }

  async close(): Promise<void> {
    await this.#turn.over();
    this.#database.close();
  }

  #commit(changes: readonly Change[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const change of changes) this.#apply(change);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /** After some errors SQLite has rolled back by itself. */
  #rollback(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // As above.
    }
  }

  #apply({ table, key, value, expires, ifExpires }: Change): void {
    if (value) {
      const sql = `INSERT INTO cache_${table} VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET value = ?2, expires = ?3`;
      this.#prepared(sql).run(key, value, expires);
    } else if (ifExpires === undefined) this.#prepared(`DELETE FROM cache_${table} WHERE key = ?`).run(key);
    else this.#prepared(`DELETE FROM cache_${table} WHERE key = ? AND expires = ?`).run(key, ifExpires);
  }

  #prepared(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }
}
