/** What others send to the subjects of topics over NATS, and what the server says of messages that it does not take. @module */

import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { nats } from 'offloop/nats';
import type { NatsOptions } from 'offloop/nats';
import { topic } from 'offloop/topics';
import type { Topic } from 'offloop/topics';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hasNats, unique } from '../support/brokers.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

// A line says that the server is missing, and CI fails then.
describe.skipIf(/* needs a server, which CI has */ !hasNats)('a topic over NATS', () => {
  let server: NatsServer;
  let stranger: NatsConnection;
  const open = new Set<{ close(): Promise<void> }>();
  beforeAll(async () => {
    server = await natsServer();
    stranger = await connect({ servers: server.servers });
  });
  afterAll(async () => {
    await stranger.close();
    await server.stop();
  });
  afterEach(async () => {
    for (const it of open) await it.close();
    open.clear();
  });

  const made = (name: string, options: NatsOptions = {}): Topic<number> => {
    const transport = nats({ servers: server.servers, ...options });
    const it = topic<number>(name, { transport, group: 'g', timeout: 300 });
    open.add({
      async close() {
        await it.close({ timeout: 0 });
        await transport.close();
      },
    });
    return it;
  };

  test('does not take the answer of somebody else for that of the stream', async () => {
    const answers = ['5', 'null', 'text', '{}', '{"seq":7}', '{"stream":"s","seq":"7"}'];
    const send = async (answer: string): Promise<unknown> => {
      const name = unique('answer');
      stranger.subscribe(name, { callback: (_, message) => void message.respond(answer) });
      await stranger.flush();
      // A stream that confirms nothing is one that is slower than the other one, always.
      return made(name, { stream: { no_ack: true } }).send({ value: 1 });
    };

    const sent = await Promise.allSettled(answers.map(send));
    expect(sent).toEqual(answers.map(() => ({ status: 'rejected', reason: coded('ERR_OFFLOOP_TIMEOUT') })));
  });

  test('rejects a message that the stream does not take', async () => {
    const sent = made(unique('large'), { stream: { max_msg_size: 2 } }).send({ value: 123_456 });
    await expect(sent).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
  });

  test('drops what somebody else sends to a consumer, or tells of it', async () => {
    const name = unique('forged');
    let asked = 0;
    stranger.subscribe('$JS.API.STREAM.MSG.GET.>', { callback: () => void (asked += 1) });
    const inbox = new Promise<string>((resolve) => {
      const callback = (_: unknown, { reply = '' }: { reply?: string }): void => resolve(reply);
      stranger.subscribe(`$JS.API.CONSUMER.MSG.NEXT.${name}.g`, { callback });
    });
    await stranger.flush();
    const it = made(name, { consumer: { max_deliver: 2 } });
    const next = it[Symbol.asyncIterator]().next();

    const at = await inbox;
    for (const reply of ['y', '$JS.ACK.a.b.c.d.e.f.g', `$JS.ACK.${name}.g.0.1.1.1.1`])
      stranger.publish(at, 'forged', { reply });
    for (const told of ['null', '5', '{}', '{"stream_seq":"1","deliveries":2}', 'text'])
      stranger.publish(`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${name}.g`, told);
    await stranger.flush();
    await it.send({ value: 42 });
    expect((await next).value).toEqual(expect.objectContaining({ value: 42 }));
    expect(asked).toBe(0);
  });
});
