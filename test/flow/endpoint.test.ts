/** A flow beside a server that sends on what it has found. @module */

import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { flow, keyed, keySink, timer } from 'offloop/flow';
import type { KeySink } from 'offloop/flow';
import { channel } from 'offloop/streams';
import { expect, test } from 'vitest';

/** As a cache: called with a key and a value, which it keeps and tells of. */
function cached(): {
  save: KeySink<string, string>;
  values: Map<string, string>;
  updates: () => AsyncIterable<string>;
} {
  const values = new Map<string, string>();
  const changes = channel<string>();
  const save = keySink(async (key: string, value: string) => {
    values.set(key, value);
    if (changes.subscribers > 0) await changes.send(value);
  });
  return {
    save,
    values,
    updates: () => changes.subscribe({ maxSize: 10, overflow: 'drop-oldest' }) as AsyncIterable<string>,
  };
}

test('an endpoint streams the changes of a cache that a flow writes to, until its client leaves', async () => {
  const { handle, run, drain, onExit } = flow();
  const { save, values, updates } = cached();
  const server = createServer((_, response) => {
    void (async () => {
      for await (const value of updates()) {
        if (response.destroyed) break;
        response.write(`${value}\n`);
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onExit(() => server.close());
  handle(timer(5), { sinks: [save] })(function* (n) {
    yield keyed('time', `tick ${n}`);
  });

  const running = run();
  const { port } = server.address() as AddressInfo;
  const response = await new Promise<IncomingMessage>((resolve) => get({ port, host: '127.0.0.1' }, resolve));
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.split('\n').length > 3) break;
  }
  drain();
  await running;

  const ticks = text
    .split('\n')
    .slice(0, 3)
    .map((line) => Number(/^tick (\d+)$/.exec(line)?.[1]));
  expect(ticks.every(Number.isInteger)).toBe(true);
  expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
  expect([...values.keys()]).toEqual(['time']);
});
