/** How the messages of a port reach their listener. @module */

import { EventEmitter, once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { listenTo } from '../../src/wire/listen.ts';

/** Listens to `port`; gives what has arrived, and a promise for the message `last`. */
function listening(port: MessagePort, last: unknown): { arrived: unknown[]; over: Promise<void> } {
  const arrived: unknown[] = [];
  let end: () => void;
  const over = new Promise<void>((resolve) => (end = resolve));
  const receive = (message: unknown[]): void => {
    arrived.push(message);
    if (message[0] === last) end();
  };
  listenTo(port, { receive, unreadable: (error) => arrived.push(error) });
  return { arrived, over };
}

test('each message arrives once, in order, and no event is made of it', async () => {
  const { port1, port2 } = new MessageChannel();
  const { arrived, over } = listening(port1, 3);
  const events: unknown[] = [];
  port1.on('message', (message) => events.push(message));

  for (const sent of [1, 2, 3]) port2.postMessage([sent]);
  await over;

  expect(arrived).toEqual([[1], [2], [3]]);
  expect(events).toEqual([]);
  port1.close();
});

test('what is no message stays an event: an unreadable one, the end of the port', async () => {
  const { port1, port2 } = new MessageChannel();
  const { arrived } = listening(port1, undefined);
  const closed = once(port1, 'close');
  const error = new Error('unreadable');

  port1.emit('messageerror', error);
  port2.close();
  await closed;

  expect(arrived).toEqual([error]);
});

test('where a port does not take its messages itself, its listeners are called', () => {
  const port = new EventEmitter();
  const { arrived } = listening(port as unknown as MessagePort, undefined);

  port.emit('message', [1]);
  port.emit('messageerror', 'unreadable');

  expect(arrived).toEqual([[1], 'unreadable']);
});
