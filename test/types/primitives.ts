/** The types of the primitives that threads share, and of the settings. @module */

import { Channel, configure, Event, Lock, Semaphore } from './api.ts';
import type { Pass } from './api.ts';
import { typed } from './equal.ts';

const channel = new Channel<{ id: number }>({ maxSize: 8, maxBytes: 65_536, timeout: 1.5 });
typed<Promise<{ id: number }>>()(channel.get({ timeout: 1, signal: AbortSignal.timeout(1) }));
typed<{ id: number }>()(channel.syncGet());
typed<Promise<void>>()(channel.putAsync({ id: 1 }));
typed<boolean>()(channel.tryPut({ id: 1 }));
// @ts-expect-error: not such an item
channel.put(1);
// @ts-expect-error: milliseconds
typed<Channel>()(new Channel({ timeout: '1' }));

// `using` closes a channel, and gives back what was acquired.
channel satisfies Disposable;
channel satisfies AsyncIterable<{ id: number }>;
const lock = new Lock();
typed<Pass>()(lock.acquire({ timeout: 1 }));
typed<Promise<Pass>>()(lock.acquireAsync());
lock.acquire() satisfies Disposable & AsyncDisposable;
typed<Promise<Pass>>()(new Semaphore(2).acquireAsync({ timeout: 1 }));
typed<number>()(new Semaphore(2).value);
typed<Promise<void>>()(new Event().waitAsync({ timeout: 1 }));
// @ts-expect-error: no such limit
void new Event().waitAsync({ timeOut: 1 });

configure({ inline: true, view: 'never', maxWorkers: 2, spare: 0, startTimeout: Infinity, maxSize: 1 });
// @ts-expect-error: no such setting
configure({ threads: 1 });
