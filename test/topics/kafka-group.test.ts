/** A consumer over Kafka while its group changes, by a client that plays the group. @module */

import { kafka } from 'offloop/kafka';
import { flow } from 'offloop/flow';
import { agent, stream } from 'offloop/streams';
import { topic } from 'offloop/topics';
import type { Topic, TopicOptions } from 'offloop/topics';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasSettled } from '../support/has-settled.ts';
import { FakeKafka } from '../support/kafka-fake.ts';
import { later } from '../support/later.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const codec = { encode: (n: number) => Buffer.from(String(n)), decode: (bytes: Uint8Array) => Number(bytes) };

/** A topic whose values are the positions of its messages. */
function made(
  options: Partial<TopicOptions<number>> = {},
  consumer: Readonly<Record<string, unknown>> = {},
): { readonly fake: FakeKafka; readonly it: Topic<number> } {
  const fake = new FakeKafka();
  const text = { ...codec, decode: (bytes: Uint8Array) => Number(Buffer.from(bytes).toString()) };
  const it = topic<number>('t', { transport: kafka({ client: fake, consumer }), codec: text, group: 'g', ...options });
  onTestFinished(async () => it.close({ timeout: 0 }).catch(() => undefined));
  return { fake, it };
}

describe('a consumer over Kafka', () => {
  test('goes on, in a partition that comes to it later or comes back, where the group has committed since', async () => {
    const { fake, it } = made();
    fake.committed = [
      { partition: 0, offset: '5' },
      { partition: 1, offset: '5' },
    ];
    const events = it[Symbol.asyncIterator]();
    await expect.poll(() => fake.log).toContain('connect');
    await hasSettled(events.next());
    fake.join('t', [0]);
    await expect.poll(() => fake.log).toContain('seek 0:5');
    fake.committed = [
      { partition: 0, offset: '80' },
      { partition: 1, offset: '90' },
    ];
    fake.join('t', [1]);
    // Of a partition whose position is not known yet nothing is taken.
    await fake.bring(1, [5]);
    await expect.poll(() => fake.log.at(-1)).toBe('seek 1:90');
    fake.join('t', [0, 1]);
    await expect.poll(() => fake.log.at(-1)).toBe('seek 0:80');
    await fake.bring(0, [80]);
    await fake.bring(1, [90]);

    // The first `next()` has the first of them.
    expect((await events.next()).value?.value).toBe(90);
    expect(it.stats().received).toBe(2);
  });

  test('rejects an acknowledgement in a partition that has gone to another consumer, and tells of it', async () => {
    const { fake, it } = made();
    const events = it[Symbol.asyncIterator]();
    await expect.poll(() => fake.log).toContain('connect');
    fake.join('t', [0, 1]);
    await expect.poll(() => fake.log).toContain('seek 1:0');
    const nexts = [events.next(), events.next(), events.next()];
    await fake.bring(0, [0, 1]);
    await fake.bring(1, [0]);
    const [first, second, third] = (await Promise.all(nexts)).map(({ value }) => value);
    // One waits to be confirmed, the other is in hand.
    fake.isInGroup = false;
    const waiting = first?.ack();
    await expect.poll(() => it.stats().errors).toBe(1);
    fake.join('t', [1]);
    fake.isInGroup = true;

    await expect(waiting).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await expect(second?.ack()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await third?.ack();
    expect(fake.log.filter((line) => line.startsWith('commit'))).toEqual(['commit 1:1']);
    const errors = it.errors.subscribe();
    await errors.next();
    expect((await errors.next()).value).toMatchObject({
      code: 'ERR_OFFLOOP_BROKER',
      message: expect.stringContaining('partition 0') as string,
    });
  });

  test('goes on where streams, agents and flows had messages of such a partition in hand', async () => {
    for (const consume of [
      async (it: Topic<number>, fn: (n: number) => Promise<void>) => stream(it).forEach(fn),
      async (it: Topic<number>, fn: (n: number) => Promise<void>) =>
        agent(it, async (items) => {
          for await (const n of items as AsyncIterable<number>) await fn(n);
        }).done,
      async (it: Topic<number>, fn: (n: number) => Promise<void>) => {
        const { handle, run } = flow();
        handle(it)(fn);
        handle(it)(() => undefined);
        await run({ signals: [] });
      },
    ]) {
      const { fake, it } = made();
      const [isThere, goOn] = [later(), later()];
      const seen: number[] = [];
      const consuming = consume(it, async (n) => {
        seen.push(n);
        isThere.resolve();
        await goOn.promise;
      });
      await expect.poll(() => fake.log).toContain('connect');
      fake.join('t', [0, 1]);
      await expect.poll(() => fake.log).toContain('seek 1:0');
      await fake.bring(0, [0]);
      await isThere.promise;
      fake.join('t', [1]);
      goOn.resolve();
      await fake.bring(1, [100]);
      await expect.poll(() => seen).toEqual([0, 100]);
      await it.close();
      await consuming;
      expect(fake.log.filter((line) => line.startsWith('commit'))).toEqual(['commit 1:101']);
    }
  });

  test('waits until a commit was taken, and lets the client go if none is at the end', async () => {
    const { fake, it } = made();
    const events = it[Symbol.asyncIterator]();
    await expect.poll(() => fake.log).toContain('connect');
    fake.join('t', [0]);
    await expect.poll(() => fake.log).toContain('seek 0:0');
    const nexts = [events.next(), events.next()];
    await fake.bring(0, [0, 1]);
    const [first, second] = [(await nexts[0])?.value, (await nexts[1])?.value];
    fake.failure = new Error('no coordinator');
    const acked = first?.ack();
    expect(await hasSettled(acked as Promise<void>)).toBe(false);
    fake.failure = undefined;
    await acked;
    expect(fake.log).toContain('commit 0:1');
    fake.failure = new Error('no coordinator');
    const never = expect(second?.ack()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await it.close();
    await never;

    expect(fake.log.at(-1)).toBe('disconnect');
  });

  test('does not take for confirmed what a client has let pass that is not in its group at the moment', async () => {
    const { fake, it } = made();
    const events = it[Symbol.asyncIterator]();
    await expect.poll(() => fake.log).toContain('connect');
    fake.join('t', [0]);
    await expect.poll(() => fake.log).toContain('seek 0:0');
    const next = events.next();
    await fake.bring(0, [0]);
    fake.isInGroup = false;
    const acked = (await next).value?.ack() as Promise<void>;
    await expect.poll(() => it.stats().errors).toBe(1);
    expect(await hasSettled(acked)).toBe(false);
    fake.isInGroup = true;
    await acked;

    expect(fake.log).toContain('commit 0:1');
  });

  test('rejects acknowledgements that nobody will confirm, since the client is over', async () => {
    const { fake, it } = made();
    const events = it[Symbol.asyncIterator]();
    await expect.poll(() => fake.log).toContain('connect');
    fake.join('t', [0]);
    await expect.poll(() => fake.log).toContain('seek 0:0');
    const next = events.next();
    await fake.bring(0, [0]);
    fake.isInGroup = false;
    const acked = (await next).value?.ack();
    fake.crash(Object.assign(new Error('not authorized'), { retriable: false }));

    await expect(acked).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
    await expect(events.next()).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
  });

  test('begins anew after a crash, and goes on where it was', async () => {
    const { fake, it } = made();
    const events = it[Symbol.asyncIterator]();
    await expect.poll(() => fake.log).toContain('connect');
    fake.join('t', [0]);
    await expect.poll(() => fake.log).toContain('seek 0:0');
    const next = events.next();
    await fake.bring(0, [0, 1]);
    expect((await next).value?.value).toBe(0);
    fake.crash(Object.assign(new Error('broker away'), { retriable: true }));
    await expect.poll(() => it.stats().isConnected).toBe(false);
    await expect.poll(() => fake.log.filter((line) => line === 'run')).toHaveLength(2);
    fake.join('t', [0]);

    expect(fake.log.at(-1)).toBe('seek 0:2');
    expect(it.stats()).toMatchObject({ isConnected: true, losses: 1 });
    expect((await events.next()).value?.value).toBe(1);
  });

  test('does not begin anew if the user has said so', async () => {
    const { fake, it } = made({}, { retry: { restartOnFailure: async () => false } });
    const next = it[Symbol.asyncIterator]().next();
    await expect.poll(() => fake.log).toContain('connect');
    fake.crash(Object.assign(new Error('broker away'), { retriable: true }));

    await expect(next).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
  });

  test('is not told to end while its client joins the group, and is not waited for without end', async () => {
    const { fake, it } = made();
    const events = it[Symbol.asyncIterator]();
    await expect.poll(() => fake.log).toContain('run');
    const joining = later();
    fake.joining = joining.promise;
    fake.crash(Object.assign(new Error('broker away'), { retriable: true }));
    await expect.poll(() => fake.log.filter((line) => line === 'run')).toHaveLength(2);
    await it.close();
    expect((await events.next()).done).toBe(true);
    expect(fake.log.at(-1)).toBe('run');
    joining.resolve();

    await expect.poll(() => fake.log.at(-1)).toBe('disconnect');
  });

  test('holds up what is sent while it begins, and no longer than that may take', async () => {
    const { fake, it } = made({ timeout: 200 });
    const joining = later();
    fake.joining = joining.promise;
    const events = it[Symbol.asyncIterator]();
    const sent = await Promise.allSettled([it({ value: 1 }), it({ value: 2 })]);
    joining.resolve();
    await events.return?.();

    expect(sent).toMatchObject([1, 2].map(() => ({ status: 'rejected', reason: { code: 'ERR_OFFLOOP_TIMEOUT' } })));
    expect(fake.requests).toEqual([]);
    expect(it.stats().sending).toBe(0);
  });

  test('asks again for the positions of a group while the cluster is away', async () => {
    const { fake, it } = made();
    fake.committed = [{ partition: 0, offset: '5' }];
    const next = it[Symbol.asyncIterator]().next();
    await expect.poll(() => fake.log).toContain('run');
    fake.unanswered = 1;
    fake.join('t', [0]);
    await expect.poll(() => fake.log.at(-1)).toBe('seek 0:5');
    await fake.bring(0, [5]);

    expect((await next).value?.value).toBe(5);
  });

  test('sends again what the client has given up, until its time is over', async () => {
    const { fake, it } = made({ timeout: 2000 });
    const givenUp = Object.assign(new Error('broker away'), {
      name: 'KafkaJSNumberOfRetriesExceeded',
      retriable: false,
    });
    fake.refusals = [givenUp, givenUp];
    expect(await it({ value: 1 })).toMatchObject({ position: 7 });
    fake.refusals = [Object.assign(new Error('too large'), { retriable: false })];

    await expect(it({ value: 2 })).rejects.toThrow(coded('ERR_OFFLOOP_BROKER'));
    expect(fake.sent).toBe(1);
  });
});
