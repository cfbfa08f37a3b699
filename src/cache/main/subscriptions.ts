/** The main side's answers to threads that take updates. @module */

import { coroutine } from '../../bridge/coroutine.ts';
import { outside } from '../../context/here.ts';
import type { Channel } from '../../sync/channel.ts';
import { memoryOf } from '../../sync/primitive.ts';
import { defineHolding, noteHolder } from '../../wait/holders.ts';
import type { UpdateItem } from '../updates/updates-there.ts';
import type { Hub, Subscriber } from './hub.ts';
import { recordAt } from './records.ts';

const updatesKind = 'cache updates';

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
          // Not within the call that publishes: its abort is no reason for the iterator to miss an update.
          await outside(async () => channel.putAsync([key, value]));
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
