/** Updates for an iterator of the thread that has the hub: the main side. @module */

import { LocalChannel } from '../../channel/local-channel.ts';
import type { Hub, Update } from '../main/hub.ts';
import { Updates } from './updates.ts';
import type { UpdatesPlan } from './updates.ts';

/** Subscribes to `hub`; `onClose` is called when the iterator has ended. */
export function updatesHere<V>(hub: Hub, plan: UpdatesPlan, onClose: () => void): Updates<V> {
  const channel = new LocalChannel<Update>(plan);
  const subscriber = {
    async put(update: Update): Promise<void> {
      try {
        await channel.put(update);
      } catch (error) {
        // With `overflow: 'error'`; a channel that is closed ignores it.
        channel.end(error);
        throw error;
      }
    },
  };
  hub.add(subscriber);
  const leave = (): void => {
    hub.remove(subscriber);
    channel.close();
  };
  return new Updates<V>(channel, { leave, onClose });
}
