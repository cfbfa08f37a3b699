/** The main side's answers to threads. @module */

import { coroutine } from '../../bridge/coroutine.ts';
import type { Channel } from '../../sync/channel.ts';
import { memoryOf } from '../../sync/primitive.ts';
import { defineHolding, noteHolder } from '../../wait/holders.ts';
import type { CachePlan } from '../cache-options.ts';
import type { Hub, Subscriber } from './hub.ts';
import type { LentLock } from './locks.ts';
import { openRecord, recordAt, recordOf } from './records.ts';
import type { UpdateItem } from '../updates/updates-there.ts';
import { unpackWrites } from '../threads/writes.ts';

/** The main side's answer to a thread that opens a path: the path as all threads name it, and the record's words. */
export interface OpenedPath {
  readonly path: string;
  readonly words: Int32Array;
}

const openKind = 'cache';
const updatesKind = 'cache updates';

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

/** Makes packed writes: each by itself, or all or none of them. */
export const writeTo: (path: string, bytes: Uint8Array, isWhole: boolean) => Promise<void> = coroutine(
  async function writeTo(path: string, bytes: Uint8Array, isWhole: boolean): Promise<void> {
    const record = recordAt(path);
    const writes = unpackWrites(bytes);
    await (isWhole ? record.writeAll(writes) : record.writeEach(writes));
  },
);

export const lendLock: (path: string, key: string) => Promise<LentLock> = coroutine(async function lendLock(
  path: string,
  key: string,
): Promise<LentLock> {
  return recordAt(path).lend(key);
});

export const settledAt: (path: string) => Promise<void> = coroutine(async function settledAt(
  path: string,
): Promise<void> {
  await recordAt(path).settled();
});

interface Subscription extends Subscriber {
  readonly hub: Hub;
  readonly channel: Channel<UpdateItem>;
}

/** The subscriptions of threads, by the identities of their channels. */
const subscriptions = new Map<string, Subscription>();

/** Sends the updates of `path` over `channel`, until that is closed or the thread `id` has ended. */
export const subscribeTo: (path: string, channel: Channel<UpdateItem>, id: number) => Promise<void> = coroutine(
  async function subscribeTo(path: string, channel: Channel<UpdateItem>, id: number): Promise<void> {
    const { hub } = recordAt(path);
    // Iterators that were closed in their threads, and have missed no update since.
    for (const [name, { channel: other }] of subscriptions) if (other.closed) end(name);
    const words = wordsOf(channel);
    const subscription: Subscription = {
      hub,
      channel,
      async put({ key, value }) {
        try {
          await channel.putAsync([key, value]);
        } catch (error) {
          end(nameOf(words));
          throw error;
        }
      },
    };
    subscriptions.set(nameOf(words), subscription);
    noteHolder(id, updatesKind, words);
    hub.add(subscription);
  },
);

function end(name: string): void {
  const subscription = subscriptions.get(name);
  if (!subscription) return;
  subscriptions.delete(name);
  subscription.hub.remove(subscription);
  subscription.channel.close();
}

const wordsOf = (channel: Channel<UpdateItem>): Int32Array => new Int32Array(memoryOf(channel), 0, 2);
const nameOf = (words: Int32Array): string => `${words[0]} ${words[1]}`;

defineHolding(updatesKind, {
  recover: (words) => end(nameOf(words)),
  isHeldBy: (words) => subscriptions.has(nameOf(words)),
});

defineHolding(openKind, {
  recover: (words, id) => recordOf(words[1] as number)?.left(id),
  isHeldBy: (words, id) => recordOf(words[1] as number)?.threads.has(id) === true,
});
