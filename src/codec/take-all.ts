/** Takes messages off a port without waiting for its events. @module */

import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

/**
 * Gives all messages that have arrived at `port`, or the first `most` of them, to `receive`, in order; returns whether
 * there were any. A message that cannot be deserialised here, such as deeply nested arrays for which this thread's
 * stack is too small, is lost, and `unreadable` is called with the error.
 */
export function takeAll<T>(
  port: MessagePort,
  receive: (message: T) => void,
  unreadable: (error: unknown) => void,
  most: number = Infinity,
): boolean {
  let found = false;
  for (let left = most; left > 0; left -= 1) {
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
  return found;
}
