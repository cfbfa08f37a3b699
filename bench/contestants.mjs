/** Who takes part: a name, the module in `peers/` that opens it, and how it is configured. @module */

import { readFileSync } from 'node:fs';

/** How many threads each contestant has. */
export const threads = 2;

/** The one that the others are peers of. */
export const own = 'offloop';

export const bare = 'bare worker_threads';
export const piscina = 'piscina';

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

/** What only the rows that name them are held against. */
export const baselines = [
  { name: 'idle loop, no threads', peer: 'idle', threads: 0 },
  { name: 'idle Workers', peer: 'idle' },
];

/** The packages whose versions belong to the numbers. */
export function versions() {
  const packages = ['piscina', 'tinypool', 'workerpool', 'poolifier', 'comlink'];
  const read = (folder) => JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8'));
  return [read('..'), ...packages.map((name) => read(`../node_modules/${name}`))].map(
    ({ name, version }) => `${name} ${version}`,
  );
}
