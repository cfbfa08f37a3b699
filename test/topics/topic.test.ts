/** What a topic does over any broker, shown over the one in memory. @module */

import { agent, channel, stream, StreamEvent } from 'offloop/streams';
import { memory, topic, Topic } from 'offloop/topics';
import type { Start, TopicOptions } from 'offloop/topics';
import { describe, expect, test } from 'vitest';
import { CommitRun } from '../../src/topics/commit-run.ts';
import { sendsFromThread, slowDecode } from '../fixtures/topics/jobs.mjs';
import { unique } from '../support/brokers.ts';
import { hasSettled } from '../support/has-settled.ts';
import { isFull } from '../support/full.ts';
import { heapInUse } from '../support/heap.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const argument = coded('ERR_OFFLOOP_ARGUMENT');

/** A topic with a broker of its own. */
const made = <T>(options: TopicOptions<T> = {}, name = unique('t')): Topic<T> =>
  topic<T>(name, { transport: memory(), ...options });

describe('a topic', () => {
  test('is a function with the name of the topic', () => {
    const it = made({}, 'orders.eu');

    expect([typeof it, it.name, it instanceof Topic]).toEqual(['function', 'orders.eu', true]);
  });

  test.each(['', 'a b', '.a', 'a..b', 'a.', 'ä', 'x'.repeat(201), 5 as never])('refuses the name %j', (name) => {
    expect(() => topic(name)).toThrow(argument);
  });

  test.each([
    { group: 'a b' },
    { group: '' },
    { maxSize: 0 },
    { maxDeliver: 0 },
    { retryDelay: -1 },
    { commitInterval: -1 },
    { timeout: 0 },
    { codec: { encode: () => new Uint8Array() } as never },
    { transport: {} as never },
    { deadLetter: 5 as never },
    { dry: 1 as never },
    { other: 1 } as never,
  ] satisfies TopicOptions<unknown>[])('refuses the options %o', (options) => {
    expect(() => topic('t', options)).toThrow(argument);
  });

  test.each([-1, -3, 1.5, NaN, 'earliest', null, {}, { 0: -1 }, { a: 1 }, new Date(NaN)])(
    'refuses to start at %o',
    async (start) => {
      expect(() => made({ start: start as Start })).toThrow(argument);
      await expect(made().seek(start as Start)).rejects.toThrow(argument);
    },
  );

  test('refuses messages that not every broker takes', async () => {
    const it = made<unknown>();

    await expect(it({ value: 1, headers: { 'a b': 'c' } })).rejects.toThrow(argument);
    await expect(it({ value: 1, headers: { a: 'line\nbreak' } })).rejects.toThrow(argument);
    await expect(it({ value: 1, headers: { a: 5 } })).rejects.toThrow(argument);
    await expect(it({ value: 1, key: 5 as never })).rejects.toThrow(argument);
    await expect(it({ value: 1, partition: 8 })).rejects.toThrow(argument);
    await expect(it({ value: 1, other: 1 } as never)).rejects.toThrow(argument);
    await expect(it({ value: () => 1 })).rejects.toThrow(coded('ERR_OFFLOOP_NOT_CLONEABLE'));
    expect(it.stats()).toMatchObject({ sent: 0, sending: 0 });
  });

  test('sends nothing if it is dry', async () => {
    const transport = memory();
    const name = unique('dry');
    const it = topic<number>(name, { transport, dry: true });
    await it({ value: 1 });
    const real = topic<number>(name, { transport, start: 'first' });
    await real({ value: 2 });

    expect(it.stats().sent).toBe(1);
    expect(await stream(real).first()).toBe(2);
  });

  test('sends a processed value with its key and headers, and forwards a message as it is', async () => {
    const transport = memory();
    const [from, to] = [
      topic<number>('from', { transport, group: 'g' }),
      topic<unknown>('to', { transport, group: 'g' }),
    ];
    await from({ key: 'k', value: 1, headers: { a: 'b' } });
    await from({ key: 'k', value: 2, headers: { a: 'b' } });
    const events = from[Symbol.asyncIterator]();
    const [first, second] = [(await events.next()).value, (await events.next()).value];
    await to.receive((first as StreamEvent<number>).with(10));
    await to.forward(second as StreamEvent<number>);
    const results = to[Symbol.asyncIterator]();

    expect((await results.next()).value).toMatchObject({ key: 'k', value: 10, headers: { a: 'b' } });
    expect((await results.next()).value).toMatchObject({ key: 'k', value: 2, headers: { a: 'b' } });
    await expect(to.forward(new StreamEvent(1))).rejects.toThrow(argument);
    await transport.close();
  });

  test('decodes in threads, in order', async () => {
    const it = made<number>({
      group: 'g',
      codec: { encode: (n) => Uint8Array.of(n), decode: slowDecode as (bytes: Uint8Array) => Promise<number> },
    });
    for (let n = 0; n < 20; n += 1) await it({ value: n });

    expect(await stream(it).take(20).toArray()).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  test('throws what cannot be decoded to each of its consumers, and goes on in each', async () => {
    const codec = {
      encode: (n: number) => Uint8Array.of(n),
      decode: ([n]: Uint8Array) => {
        if (n === 1) throw new Error('broken');
        return n as number;
      },
    };
    const it = made<number>({ codec });
    const consumers = [it[Symbol.asyncIterator](), it[Symbol.asyncIterator]()];
    for (const n of [1, 2]) await it({ key: 'k', value: n });

    for (const events of consumers) {
      await expect(events.next()).rejects.toThrow(coded('ERR_OFFLOOP_CODEC'));
      expect((await events.next()).value?.value).toBe(2);
    }
    expect(it.stats()).toMatchObject({ received: 2, inHand: 2, errors: 2 });
  });

  test('tells of messages that it has left out, if there are no dead letters', async () => {
    const it = made<number>({ group: 'g', maxDeliver: 1 });
    await it({ value: 1 });
    const event = (await it[Symbol.asyncIterator]().next()).value;
    await event?.nack();

    expect((await it.errors.subscribe().next()).value).toMatchObject({ code: 'ERR_OFFLOOP_UNDELIVERED' });
    expect(it.stats()).toMatchObject({ deadLettered: 1, errors: 1 });
  });

  test('keeps a message that the dead letters do not take', async () => {
    let isBroken = true;
    const deadLetter = (): void => {
      if (isBroken) throw new Error('full');
    };
    const it = made<number>({ group: 'g', maxDeliver: 1, deadLetter, retryDelay: 0 });
    await it({ value: 1 });
    const events = it[Symbol.asyncIterator]();
    await (await events.next()).value?.nack();
    expect(it.stats()).toMatchObject({ deadLettered: 0, errors: 1 });
    isBroken = false;
    void events.next();

    await expect.poll(() => it.stats().deadLettered, { timeout: 5000 }).toBe(1);
  });

  test('is refused in a thread, where its messages would be lost', async () => {
    await expect(sendsFromThread()).rejects.toThrow(argument);
  });

  test('is the source and the sink of an agent', async () => {
    const transport = memory();
    const [numbers, squares] = [
      topic<number>('numbers', { transport, group: 'g' }),
      topic<number>('squares', { transport, group: 'g' }),
    ];
    const squaring = agent(
      numbers,
      async function* square(items) {
        for await (const n of items as AsyncIterable<number>) yield n * n;
      },
      { sinks: [squares] },
    );
    for (const n of [1, 2, 3]) await numbers({ value: n });
    expect(await stream(squares).take(3).toArray()).toEqual([1, 4, 9]);
    await squaring.close();
    await numbers.close();

    expect(numbers.stats()).toMatchObject({ acked: 3, consumers: 0 });
  });

  test('closes after what is in hand is done with', async () => {
    const it = made<number>({ group: 'g' });
    for (const n of [1, 2, 3]) await it({ value: n });
    const seen: number[] = [];
    let begun!: () => void;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const running = stream(it).forEach(async (n) => {
      begun();
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen.push(n);
    });
    await isBegun;
    await it.close();
    await running;

    expect(seen).toEqual([1]);
    expect(it.stats()).toMatchObject({ acked: 1, inHand: 0 });
  });
});

describe('a topic in a stream', () => {
  test('is known by its name until it is closed', async () => {
    const name = unique('named');
    const it = made<number>({ start: 'first' }, name);
    const events = stream(it);

    expect(await stream([1, 2]).echo(name).toArray()).toEqual([1, 2]);
    expect(await events.take(2).toArray()).toEqual([1, 2]);
    const passing = async function* (numbers: AsyncIterable<number>): AsyncGenerator<number> {
      yield* numbers;
    };
    await agent([3, 4], passing, { sinks: [name] }).done;
    expect(await stream(it).take(4).toArray()).toEqual([1, 2, 3, 4]);
    await it.close();
    expect(() => stream([1]).echo(name)).toThrow(argument);
    expect(() => agent([1], passing, { sinks: [name] })).toThrow(argument);
    expect(() => stream([1]).through(name)).toThrow(argument);
  });

  test('has to be given itself where two of its name differ', async () => {
    const name = unique('named');
    const [one, other] = [made<number>({}, name), made<number>({}, name)];
    expect(() => stream([1]).echo(name)).toThrow(argument);
    await other.close();

    expect(await stream([1]).echo(name).toArray()).toEqual([1]);
    await one.close();
  });

  test('gives all that goes through it, each acknowledged once', async () => {
    const it = made<number>({ group: 'g' });
    const doubled = stream(Array.from({ length: 100 }, (_, n) => n))
      .map((n) => n * 2)
      .through<number>(it);

    expect(await doubled.take(100).toArray()).toEqual(Array.from({ length: 100 }, (_, n) => n * 2));
    expect(it.stats()).toMatchObject({ sent: 100, acked: 100 });
  });

  test('ends a stream through it that fails', async () => {
    const it = made<number>();
    const failing = stream([1, 2]).map((n) => {
      if (n === 2) throw new Error('two');
      return n;
    });
    const through = failing.through<number>(it);

    expect((await through.next()).value).toBe(1);
    await expect(through.next()).rejects.toThrow('two');
    expect(it.stats().consumers).toBe(0);
  });

  test('is sent through once', () => {
    const source = stream([1, 2]);
    source.through(channel<number>());

    expect(() => source.through(channel<number>())).toThrow(argument);
  });

  test('is not sent through by an agent of several bodies', async () => {
    const body = async (items: unknown): Promise<void> => {
      await (items as ReturnType<typeof stream>).through(channel<unknown>() as never).toArray();
    };

    await expect(agent([1, 2], body as never, { concurrency: 2 }).done).rejects.toThrow(argument);
  });
});

describe('a topic in memory', () => {
  test('makes senders wait for the slowest group, and no longer than they want', async () => {
    const transport = memory({ maxSize: 2, keep: 0 });
    const it = topic<number>('t', { transport, group: 'g', timeout: 50 });
    const events = it[Symbol.asyncIterator]();
    await it({ value: 1 });
    await it({ value: 2 });
    await expect(it({ value: 3 })).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    const sent = it({ value: 4 });
    expect(await hasSettled(sent)).toBe(false);
    await (await events.next()).value?.ack();
    await sent;

    expect((await events.next()).value?.value).toBe(2);
    expect((await events.next()).value?.value).toBe(4);
  });

  test('keeps what a group has not dealt with, and so many of the others', async () => {
    const transport = memory({ keep: 100, partitions: 3 });
    const it = topic<number>('t', { transport, group: 'g' });
    const events = it[Symbol.asyncIterator]();
    for (let n = 0; n < 1000; n += 1) {
      await it({ value: n });
      if (n < 500) await (await events.next()).value?.ack();
    }
    const all = await stream(topic<number>('t', { transport, start: 'first' }))
      .take(500)
      .toArray();

    expect(all.at(0)).toBeGreaterThan(300);
    expect(all.slice(-100)).toEqual(Array.from({ length: 100 }, (_, n) => (all[0] ?? 0) + 400 + n));
  });

  test('keeps everything for a group that has not begun', async () => {
    const it = made<number>({ group: 'g' });
    for (let n = 0; n < 3000; n += 1) await it({ value: n });

    expect(await stream(it).take(3000).toArray()).toHaveLength(3000);
  });

  test('keeps the order of each key while consumers come and go', async () => {
    const transport = memory();
    const it = topic<number>('t', { transport, group: 'g' });
    const seen = new Map<string, number[]>();
    let count = 0;
    let enough!: () => void;
    const all = new Promise<void>((resolve) => (enough = resolve));
    const consume = async (): Promise<void> => {
      const mine = topic<number>('t', { transport, group: 'g' });
      const running = stream(mine)
        .items()
        .forEach(async ([key, n]) => {
          await new Promise((resolve) => setImmediate(resolve));
          const list = seen.get(String(key)) ?? [];
          seen.set(String(key), list);
          list.push(n);
          if ((count += 1) === 400) enough();
        });
      closers.push(async () => {
        await mine.close();
        await running;
      });
    };
    const closers: (() => Promise<void>)[] = [];
    await consume();
    for (let n = 0; n < 400; n += 1) {
      await it({ key: `key ${n % 10}`, value: n });
      if (n % 40 === 20) await consume();
      if (n % 40 === 0 && n > 0) await closers.shift()?.();
    }
    await all;
    for (const close of closers) await close();

    for (const list of seen.values()) expect(list).toEqual(list.toSorted((a, b) => a - b));
    expect(count).toBe(400);
  });

  test('takes no more memory however many messages there are', async () => {
    const it = made<number>({ group: 'g' });
    const events = it[Symbol.asyncIterator]();
    const pass = async (times: number): Promise<number> => {
      for (let n = 0; n < times; n += 1) {
        await it({ key: `${n % 100}`, value: n });
        await (await events.next()).value?.ack();
      }
      return heapInUse();
    };
    // The broker keeps the latest 1,024 messages: from then on one goes for each that comes.
    const before = await pass(3000);
    const times = isFull ? 60_000 : 15_000;

    // Bytes a message: one that stays takes several hundred.
    const grown = ((await pass(times)) - before) / times;
    expect(grown).toBeLessThan(60);
  });
});

describe('the position of a group', () => {
  /** Delivers `positions` and acknowledges `acked`, in that order. */
  const position = (from: number, positions: readonly number[], acked: readonly number[]): number => {
    const run = new CommitRun(from);
    const numbers = new Map(positions.map((at) => [at, run.deliver(at)]));
    for (const at of acked) run.ack(numbers.get(at) as number);
    return run.position;
  };

  test.each([
    { delivered: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], acked: [1, 2, 3, 4, 5, 6, 7, 8, 10], is: 9 },
    { delivered: [1, 2, 3, 4], acked: [1, 3, 4], is: 2 },
    { delivered: [1, 2, 3], acked: [3, 2], is: 1 },
    { delivered: [1, 2, 3], acked: [3, 2, 1], is: 4 },
    { delivered: [1, 2, 5, 9], acked: [1, 2, 5], is: 9 },
    { delivered: [1, 2, 5, 9], acked: [2, 1, 9, 5], is: 10 },
    { delivered: [1, 2], acked: [1, 1], is: 2 },
    { delivered: [], acked: [], is: 1 },
  ])('is $is after $acked of $delivered', ({ delivered, acked, is }) => {
    expect(position(1, delivered, acked)).toBe(is);
  });
});
