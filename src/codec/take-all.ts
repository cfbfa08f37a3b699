/** Takes messages off a port without waiting for its events. @module */

import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

/**
 * Gives all messages that have arrived at `port` to `receive`, in order; says whether there were any. What one of them
 * holds may be more than can be made here, such as arrays in each other for which the stack is too small: it is gone, and
 * `unreadable` is told why.
 */
export function takeAll<T>(
  port: MessagePort,
  receive: (message: T) => void,
  unreadable: (error: unknown) => void,
): boolean {
  let found = false;
  for (;;) {
    let item: { message: unknown } | undefined;
    try {
      item = receiveMessageOnPort(port);
    } catch (error) {
      unreadable(error);
      continue;
    }
    if (!item) return found;
    found = true;
    receive(item.message as T);
  }
}
