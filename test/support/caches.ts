/** Caches in folders of their own, for every driver that this Node.js has. @module */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openCache } from 'offloop/cache';
import type { Cache, CacheOptions } from 'offloop/cache';
import { afterAll, onTestFinished } from 'vitest';
import { root } from './run.ts';

type Driver = 'lmdb' | 'sqlite';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

/** The drivers that this Node.js has. */
export const drivers: readonly Driver[] = major > 22 || (major === 22 && minor >= 13) ? ['lmdb', 'sqlite'] : ['lmdb'];

const temporary = join(root, '.tmp', `caches-${process.pid}`);
mkdirSync(temporary, { recursive: true });
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** The path of a folder that is not there yet. */
export const newPath = (): string => join(mkdtempSync(join(temporary, 'cache-')), 'store');

/** Opens a cache that is closed with the test. */
export function opened<V = unknown>(options: CacheOptions, path: string = newPath()): Cache<V> {
  const cache = openCache<V>(path, options);
  onTestFinished(async () => cache.close());
  return cache;
}
