/** Consumers of a real NATS server that others have made, move, delete or refuse. @module */

import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { nats } from 'offloop/nats';
import type { NatsOptions } from 'offloop/nats';
import { topic } from 'offloop/topics';
import type { Topic, TopicOptions } from 'offloop/topics';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { hasNats, unique } from '../support/brokers.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

// A line says that the server is missing, and CI fails then.
describe.skipIf(/* needs a server, which CI has */ !hasNats)('a consumer over NATS', () => {
  let server: NatsServer;
  const open = new Set<{ close(): Promise<void> }>();
  beforeAll(async () => void (server = await natsServer()));
  afterAll(async () => server.stop());
  afterEach(async () => {
    for (const it of open) await it.close();
    open.clear();
  });

  const made = (
    name: string,
    consumer: NatsOptions['consumer'] = {},
    options: Omit<TopicOptions<number>, 'transport'> = {},
  ): Topic<number> => {
    const transport = nats({ servers: server.servers, ackWait: 300, consumer });
    const it = topic<number>(name, { transport, group: 'g', retryDelay: 0, ...options });
    open.add({
      async close() {
        await it.close({ timeout: 0 });
        await transport.close();
      },
    });
    return it;
  };

  /** Takes the next message of a group, and never settles it. */
  const takeAway = async (stream: string): Promise<void> => {
    const connection = await connect({ servers: server.servers });
    const consumer = await jetstream(connection).consumers.get(stream, 'g');
    expect(await consumer.next({ expires: 5000 })).not.toBeNull();
    await connection.close();
  };

  test('sends to the dead letters what the server has given up, once for the group', async () => {
    const name = unique('given-up');
    const dead: number[] = [];
    const deadLetter = (value: number): void => void dead.push(value);
    const consumers = [1, 2].map(() => made(name, { max_deliver: 2 }, { deadLetter }));
    for (const it of consumers) {
      it.pause();
      void it[Symbol.asyncIterator]();
    }
    await consumers[0]?.({ value: 7 });
    await takeAway(name);
    await takeAway(name);
    // The server gives it up when it is asked for messages.
    for (const it of consumers) it.resume();
    await expect.poll(() => dead, { timeout: 10_000 }).toEqual([7]);

    expect(consumers.map((it) => it.stats().deadLettered).toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(dead).toEqual([7]);
  });

  test('tells of what the server has given up, if there are no dead letters', async () => {
    const name = unique('told');
    const it = made(name, { max_deliver: 1 });
    it.pause();
    void it[Symbol.asyncIterator]();
    await it({ value: 7 });
    await takeAway(name);
    it.resume();

    expect((await it.errors.subscribe().next()).value).toMatchObject({ code: 'ERR_OFFLOOP_UNDELIVERED' });
  });

  test('hands back nothing that the server would not deliver again: it goes to the dead letters', async () => {
    const dead: number[] = [];
    let isBroken = true;
    const deadLetter = (value: number): void => {
      if (value === 3 && isBroken) throw new Error('full');
      dead.push(value);
    };
    const it = made(unique('last'), { max_deliver: 1 }, { deadLetter });
    for (const value of [1, 2, 3, 4, 5]) await it({ value });
    const events = it[Symbol.asyncIterator]();
    const [first, second] = [(await events.next()).value, (await events.next()).value];
    await first?.nack();
    await events.return?.();
    expect(dead.toSorted((a, b) => a - b)).toEqual([1, 4, 5]);
    isBroken = false;
    await it.close({ timeout: 0 });
    await expect(second?.ack()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));

    expect(dead.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
  });

  test('keeps to the limits of questions that its maker has set', async () => {
    const it = made(unique('limits'), { max_batch: 3, max_expires: 2e9 });
    const events = it[Symbol.asyncIterator]();
    const values: unknown[] = [];
    for (let value = 0; value < 10; value += 1) await it({ value });
    for (let n = 0; n < 10; n += 1) {
      const event = (await events.next()).value;
      values.push(event?.value);
      await event?.ack();
    }

    expect(values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(it.stats().errors).toBe(0);
  });

  test('begins together with others of its group that wish to begin elsewhere', async () => {
    const name = unique('together');
    const starts = ['first', 'new', 0, 'last', 'new', 'first'] as const;
    const group = starts.map((start) => made(name, {}, { start }));
    await group[0]?.({ value: 0 });
    const nexts = group.map(async (it) => it[Symbol.asyncIterator]().next());
    await Promise.all(group.map(async (it, value) => it({ value })));
    await Promise.race(nexts);
    await Promise.all(group.map(async (it) => it.close({ timeout: 0 })));

    await expect(Promise.all(nexts)).resolves.toHaveLength(6);
  });

  test('has messages of its own topic only, however alike the names of two are', async () => {
    const name = unique('alike');
    const [dot, line] = [made(`${name}.a`), made(`${name}_a`)];
    await dot({ value: 1 });
    await line({ value: 2 });

    expect((await dot[Symbol.asyncIterator]().next()).value?.value).toBe(1);
    expect((await line[Symbol.asyncIterator]().next()).value?.value).toBe(2);
  });

  test('goes on from where another one of its group has sought, and says that what it had in hand is void', async () => {
    const name = unique('sought');
    const [it, other] = [made(name), made(name)];
    for (let value = 0; value < 4; value += 1) await it({ value });
    const events = it[Symbol.asyncIterator]();
    const [first, second] = [(await events.next()).value, (await events.next()).value];
    await first?.ack();
    other.pause();
    void other[Symbol.asyncIterator]();
    await other.seek('first');
    const again: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      const event = (await events.next()).value;
      again.push(event?.value);
      if (again.length > 1 || event?.value !== 2) await event?.ack().catch(() => undefined);
    }

    await expect(second?.ack()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    expect(again).toContain(0);
  });

  test('fails where its consumer was deleted for good, and where the server does not let it in any more', async () => {
    const guarded = await natsServer(['--user', 'a', '--pass', 'right']);
    onTestFinished(async () => guarded.stop());
    const connection = { user: 'a', pass: 'right' };
    const transport = nats({ servers: guarded.servers, connection, connectTimeout: 1000 });
    const it = topic<number>('guarded', { transport, group: 'g', timeout: 5000 });
    open.add({
      async close() {
        await it.close({ timeout: 0 });
        await transport.close();
      },
    });
    for (const value of [1, 2]) await it({ value });
    const events = it[Symbol.asyncIterator]();
    await (await events.next()).value?.ack();
    const inHand = (await events.next()).value;
    const next = events.next();
    await guarded.kill();
    const acked = expect(inHand?.ack()).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
    await guarded.start(['--user', 'a', '--pass', 'another']);

    await acked;
    await expect(next).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
    await expect(it({ value: 3 })).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
  });

  test.runIf(isFull)(
    'is closed in time by a server that is frozen, and lets the connection go that is being made',
    async () => {
      const frozen = await natsServer();
      onTestFinished(async () => frozen.stop());
      const [there, late] = [nats({ servers: frozen.servers }), nats({ servers: frozen.servers })];
      const it = topic<number>('frozen', { transport: there, group: 'g' });
      await it({ value: 1 });
      const events = it[Symbol.asyncIterator]();
      const event = (await events.next()).value;
      frozen.freeze();
      const acked = expect(event?.ack()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
      const never = topic<number>('frozen', { transport: late, group: 'g' });
      const waiting = never[Symbol.asyncIterator]().next();
      await Promise.all([it.close({ timeout: 0 }), never.close({ timeout: 0 })]);
      await Promise.all([there.close(), late.close()]);

      await acked;
      expect((await waiting).done).toBe(true);
    },
  );
});
