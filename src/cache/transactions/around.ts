/** The transactions around the running code, also those of other threads that it runs on behalf of. @module */

import { threadId } from 'node:worker_threads';
import { shared } from '../../base/realm.ts';
import { ContextVar } from '../../context/context-var.ts';

/** How many bits of an id number the transactions of one thread; those above are the thread's. */
const numberBits = 40n;

const own = BigInt(threadId);

const here = shared('cache transactions', () => ({ begun: 0n, running: new Set<bigint>() }));

/** The ids as a text, which crosses to other threads as it is. */
const around = new ContextVar<string>('offloop/cache: transactions', { defaultValue: '' });

/** A new id of a transaction, different from those of all threads; never 0. */
export function newId(): bigint {
  here.begun += 1n;
  return (own << numberBits) | here.begun;
}

/** Called when this thread begins and ends to hold a lock for the transaction `id`. */
export function begins(id: bigint): void {
  here.running.add(id);
}
export function ends(id: bigint): void {
  here.running.delete(id);
}

/** Runs `run` as the transaction `id`. */
export function within<T>(id: bigint, run: () => T): T {
  return around.run([...transactionsAround(), id].join(' '), run);
}

/** The transactions that cannot end before the running code has. Those of other threads may be over. */
export function transactionsAround(): bigint[] {
  const text = around.get();
  if (text === '') return [];
  // What a transaction has started may outlive it: code in a timer is within none.
  return text
    .split(' ')
    .map(BigInt)
    .filter((id) => id >> numberBits !== own || here.running.has(id));
}

/** As {@link transactionsAround}, where this thread blocks: no transaction of it can end then. */
export function transactionsBlocked(): bigint[] {
  return [...new Set([...transactionsAround(), ...here.running])];
}
