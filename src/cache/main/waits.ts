/** The transactions that wait, within others, for the locks of keys; kept on the main side. @module */

import { inspect } from 'node:util';
import { OffloopError } from '../../base/errors.ts';
import { shared } from '../../base/realm.ts';
import { defineHolding, noteHolder } from '../../wait/holders.ts';
import { keyOf } from '../key.ts';
import { holderOf } from './lent-lock.ts';
import type { LentLock } from './lent-lock.ts';

/** A wait for a lock. */
export interface Waiting {
  readonly lent: LentLock;

  /** The key's bytes as Latin-1 text, and the path of the store. */
  readonly key: string;
  readonly path: string;

  /** The transactions that cannot end before the wait does. */
  readonly around: readonly bigint[];
}

interface Known extends Waiting {
  /** In a thread: the words whose last one is 1 while the thread waits. */
  readonly words?: Int32Array;
}

/** The word after those that identify the wait, as with primitives. */
export const waitingAt = 2;

const known = shared('waits for locks of caches', () => new Set<Known>());

/**
 * Notes a wait, until the result is disposed of.
 *
 * Invariant: a circle of waits is found by the wait that closes it. A transaction is noted as the holder of its lock
 * before it waits, so all holders in the circle are known by then.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` if the holder of the lock waits, directly or by others, for a
 * transaction in `around`, or is one of them.
 */
export function noteWait(waiting: Waiting): Disposable {
  const it = add(waiting);
  return { [Symbol.dispose]: () => void known.delete(it) };
}

/** As {@link noteWait}, for the thread `id`, as long as it lives and the last of `words` is 1. */
export function noteWaitOf(id: number, waiting: Waiting, words: Int32Array): void {
  add({ ...waiting, words });
  noteHolder(id, kind, words);
}

function add(waiting: Known): Known {
  for (const it of known) if (it.words && Atomics.load(it.words, waitingAt) === 0) known.delete(it);
  refuseCircle(waiting);
  known.add(waiting);
  return waiting;
}

function refuseCircle({ lent, key, path, around }: Known): void {
  const holders = new Set([holderOf(lent)]);
  // Holders that are found on the way are looked at, too.
  for (const holder of holders) {
    if (holder === 0n) continue;
    if (around.includes(holder)) {
      const name = `${inspect(keyOf(Buffer.from(key, 'latin1')))} of the cache ${path}`;
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', `Cannot begin a transaction of the key ${name}: ${why(holders)}`);
    }
    for (const it of known) if (it.around.includes(holder)) holders.add(holderOf(it.lent));
  }
}

function why(holders: ReadonlySet<bigint>): string {
  return holders.size === 1
    ? 'one of the same key is around it, and could not end while this one waits. Use the transaction that there is'
    : 'the one that has the key waits, in turn, for a transaction around this one. Take the keys in the same order everywhere';
}

const kind = 'cache wait';

defineHolding(kind, {
  recover: (words) => void Atomics.store(words, waitingAt, 0),
  isHeldBy: (words) => Atomics.load(words, waitingAt) === 1,
});
