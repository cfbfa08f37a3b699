/** Tells of messages by a second port, where events of the first one would come out of order. @module */

import { MessageChannel, MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { isDeno } from '../base/runtime.ts';

/**
 * Gives each of the two ends of a channel a bell, in Deno. There, a port takes a message before it makes an event of it:
 * code that takes messages from the port meanwhile finds those that come next, and never the one that is on its way. So
 * nothing listens to such a port; whoever posts a message rings the bell after that, and its event takes the message.
 */
export function addBells(port1: MessagePort, port2: MessagePort): void {
  if (!isDeno) return;
  const bells = new MessageChannel();
  // Each arrives at the other end, before all messages, and moves along with its port.
  port2.postMessage(bells.port1, [bells.port1]);
  port1.postMessage(bells.port2, [bells.port2]);
}

/** The bell of `port`, if it has one. Only to be called once, before messages are taken. */
export function takeBell(port: MessagePort): MessagePort | undefined {
  if (!isDeno) return undefined;
  const bell: unknown = receiveMessageOnPort(port)?.message;
  return bell instanceof MessagePort ? bell : undefined;
}
