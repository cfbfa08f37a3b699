/** Who takes part: a name, the module in `peers/` that opens it, and how it is configured. @module */

import { readFileSync } from 'node:fs';

/** How many threads each contestant has. */
export const threads = 2;

/** The one that the others are peers of. */
export const own = 'offloop';

export const bare = 'bare worker_threads';
export const piscina = 'piscina';
export const transferred = 'transferred ReadableStream';
export const proxied = 'comlink, proxied generator';
export const posted = 'postMessage per item';
export const batched = 'postMessage, batches of 64';
export const inline = 'async generator on main';

/**
 * Piscina's options are those of "Class: Piscina" in its API reference (`docs/docs/api-reference/class.md` of the
 * package): `atomics` is `'sync'` unless set, and `concurrentTasksPerWorker` is 1. Its "Performance Notes" add
 * `minThreads`, which every configuration here has.
 *
 * Poolifier's are those of "Pool options" in its `docs/api.md`, where `enableTasksQueue` is off unless set.
 */
export const contestants = [
  { name: bare, peer: 'bare' },
  { name: piscina, peer: 'piscina' },
  { name: 'piscina, atomics async', peer: 'piscina', options: { atomics: 'async' } },
  { name: 'piscina, atomics disabled', peer: 'piscina', options: { atomics: 'disabled' } },
  {
    name: 'piscina, 64 tasks per worker',
    peer: 'piscina',
    options: { atomics: 'sync', concurrentTasksPerWorker: 64 },
  },
  { name: 'tinypool', peer: 'tinypool' },
  { name: 'workerpool', peer: 'workerpool' },
  { name: 'poolifier', peer: 'poolifier' },
  { name: 'poolifier, tasks queue', peer: 'poolifier', options: { enableTasksQueue: true } },
  { name: 'comlink', peer: 'comlink' },
  { name: own, peer: 'offloop' },
];

/**
 * Who takes part in the rows of streams instead. None of the packages but Comlink and offloop has an iterator, so the
 * others are written by hand. A `note` is for those of which an item cannot always be had before its generator goes on,
 * that is, whose peer does not say `showsAtOnce`.
 */
export const streamers = [
  { name: transferred, peer: 'readable', note: 'items wait while their generator blocks' },
  { name: proxied, peer: 'comlink' },
  { name: posted, peer: 'posted' },
  { name: batched, peer: 'posted', batch: 64, note: 'items wait for their batch' },
  { name: own, peer: 'offloop' },
];

/** What only the rows that name them are held against. */
export const baselines = [
  { name: 'idle loop, no threads', peer: 'idle', threads: 0 },
  { name: 'idle Workers', peer: 'idle' },
  { name: inline, peer: 'inline' },
];

/** The packages whose versions belong to the numbers. */
export function versions() {
  const packages = ['piscina', 'tinypool', 'workerpool', 'poolifier', 'comlink'];
  const read = (folder) => JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8'));
  return [read('..'), ...packages.map((name) => read(`../node_modules/${name}`))].map(
    ({ name, version }) => `${name} ${version}`,
  );
}
