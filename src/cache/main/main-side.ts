/** The main side's answers to threads that use a store. @module */

import { coroutine } from '../../bridge/coroutine.ts';
import { defineHolding, noteHolder } from '../../wait/holders.ts';
import type { CachePlan } from '../cache-options.ts';
import type { LentLock } from './lent-lock.ts';
import { openRecord, recordAt, recordOf } from './records.ts';
import { noteWaitOf } from './waits.ts';

/** The main side's answer to a thread that opens a path: the path as all threads name it, and the record's words. */
export interface OpenedPath {
  readonly path: string;
  readonly words: Int32Array;
}

const openKind = 'cache';

/** Opens `path` for the thread `id`, which closes it by `leavePath`, or by its end. */
export const openPath: (path: string, plan: CachePlan, id: number) => Promise<OpenedPath> = coroutine(
  async function openPath(path: string, plan: CachePlan, id: number): Promise<OpenedPath> {
    const record = openRecord(path, plan);
    record.threads.add(id);
    noteHolder(id, openKind, record.words);
    return { path: record.path, words: record.words };
  },
);

export const leavePath: (path: string, id: number) => Promise<void> = coroutine(async function leavePath(
  path: string,
  id: number,
): Promise<void> {
  const record = recordAt(path);
  await record.settled();
  record.left(id);
});

export const lendLock: (path: string, key: string) => Promise<LentLock> = coroutine(async function lendLock(
  path: string,
  key: string,
): Promise<LentLock> {
  return recordAt(path).lend(key);
});

/** A wait of the thread `id` for a lock, as `noteWaitOf` has it. */
export interface WaitOf {
  readonly id: number;
  readonly path: string;
  readonly key: string;
  readonly around: readonly bigint[];
  readonly words: Int32Array;
}

export const waitAt: (wait: WaitOf) => Promise<void> = coroutine(async function waitAt({
  id,
  words,
  ...wait
}: WaitOf): Promise<void> {
  noteWaitOf(id, { ...wait, lent: recordAt(wait.path).lend(wait.key) }, words);
});

export const settledAt: (path: string) => Promise<void> = coroutine(async function settledAt(
  path: string,
): Promise<void> {
  await recordAt(path).settled();
});

defineHolding(openKind, {
  recover: (words, id) => recordOf(words[1] as number)?.left(id),
  isHeldBy: (words, id) => recordOf(words[1] as number)?.threads.has(id) === true,
});
