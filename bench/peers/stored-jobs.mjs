/** Reads and writes of one store, in a thread: of the cache, or of bare lmdb. @module */

import { equal } from 'node:assert/strict';
import { threaded } from 'offloop';
import { openCache } from 'offloop/cache';
import { recordAt } from '../items.mjs';

/** How many entries each thread has. */
export const entries = 1000;

/** How many reads are made before the event loop turns. */
const readsInTurn = 100;

let store;

/** The store, opened once in each thread. */
async function opened(kind, path) {
  if (store) return store;
  if (kind === 'own') {
    const cache = openCache(path);
    return (store = { get: (key) => cache.get(key), put: (key, value) => cache.set(key, value) });
  }
  const { open } = await import('lmdb');
  const encoder = kind === 'structured' ? { structuredClone: true } : undefined;
  // A write that is acknowledged is to be on the disk, as it is with the cache.
  const database = open({ path, overlappingSync: false, ...(encoder && { encoder }) });
  return (store = { get: (key) => database.get(key), put: (key, value) => database.put(key, value) });
}

const keyAt = (thread, i) => `${thread}/${i % entries}`;

/** Makes `count` writes, as many at once as `burst` says. */
export const put = threaded(async function put({ kind, path, thread, count, burst }) {
  const { put } = await opened(kind, path);
  for (let i = 0; i < count; i += burst) {
    const writing = [];
    for (let n = i; n < Math.min(count, i + burst); n += 1) writing.push(put(keyAt(thread, n), recordAt(n)));
    await Promise.all(writing);
  }
});

/** Makes `count` reads; each must be right. */
export const get = threaded(async function get({ kind, path, thread, count }) {
  const { get } = await opened(kind, path);
  for (let i = 0; i < count; i += 1) {
    equal(get(keyAt(thread, i)).id, i % entries);
    if (i % readsInTurn === 0) await new Promise((resolve) => setImmediate(resolve));
  }
});
