/** The cache of the live demo, in the best store that is there. @module */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCache } from '../../cache/index.ts';
import type { Cache } from '../../cache/index.ts';
import { OffloopError } from '../../index.ts';

/** A cache in a folder of its own, if there is a store. */
export interface LiveStore<V> {
  readonly cache: Cache<V> | undefined;

  /** The store, in words for the user. */
  readonly name: string;

  /** Closes the cache and removes its folder. */
  close(): Promise<void>;
}

const drivers = { lmdb: 'lmdb', sqlite: 'the SQLite of Node.js' } as const;

const none = 'no store: npm install lmdb, or use Node.js from 22.13 on';

/** Opens a cache by lmdb if that is installed, else in SQLite if this version of Node.js has it. */
export function openStore<V>(): LiveStore<V> {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-live-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const driver of ['lmdb', 'sqlite'] as const) {
      const cache = openIn<V>(folder, driver);
      if (!cache) continue;
      const close = async (): Promise<void> => {
        await cache.close();
        remove();
      };
      return { cache, name: drivers[driver], close };
    }
  } catch (error) {
    remove();
    throw error;
  }
  remove();
  return { cache: undefined, name: none, close: async () => undefined };
}

function openIn<V>(folder: string, driver: keyof typeof drivers): Cache<V> | undefined {
  try {
    return openCache<V>(folder, { driver });
  } catch (error) {
    if (error instanceof OffloopError && error.code === 'ERR_OFFLOOP_PEER') return undefined;
    throw error;
  }
}
