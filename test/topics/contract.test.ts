/** What every transport of topics does, each of which runs all of this: what it cannot, it says by its flags. @module */

import { stream } from 'offloop/streams';
import type { StreamEvent } from 'offloop/streams';
import { topic } from 'offloop/topics';
import type { BrokerMessage, Topic, TopicOptions } from 'offloop/topics';
import { afterAll, afterEach, beforeAll, describe, expect, test as anyTest, vi } from 'vitest';
import { kinds, unique } from '../support/brokers.ts';
import type { Broker } from '../support/brokers.ts';
import { later } from '../support/later.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

// Where a group takes seconds to begin, the tests wait together.
describe.for(kinds)('a topic over $name', (kind) => {
  let broker: Broker;
  const open = new Set<Topic<never>>();
  const close = async (): Promise<void> => {
    await Promise.all([...open].map(async (it) => it.close({ timeout: 0 })));
    open.clear();
  };
  beforeAll(async () => void (broker = await kind.start()));
  afterEach(async () => (kind.isSlow === true ? undefined : close()));
  afterAll(async () => {
    await close();
    await broker.stop();
  });

  const test = kind.isSlow === true ? anyTest.concurrent : anyTest;

  /** A topic that is closed after the test, or after all of them if they run together. */
  const made = <T>(name: string, options: TopicOptions<T> = {}): Topic<T> => {
    const it = topic<T>(name, { transport: broker.connect(), ...options });
    open.add(it as unknown as Topic<never>);
    return it;
  };

  /** The next `count` values, each acknowledged; the iterator stays open. */
  const taken = async <T>(events: AsyncIterator<StreamEvent<T>>, count: number): Promise<T[]> => {
    const values: T[] = [];
    while (values.length < count) {
      const { value } = await events.next();
      values.push((value as StreamEvent<T>).value);
      await (value as StreamEvent<T>).ack();
    }
    return values;
  };

  /** The next event. */
  const one = async <T>(events: AsyncIterator<StreamEvent<T>>): Promise<StreamEvent<T>> =>
    (await events.next()).value as StreamEvent<T>;

  const fill = async (it: Topic<number>, count: number, from = 1): Promise<void> => {
    for (let n = from; n < from + count; n += 1) await it({ key: 'one key', value: n });
  };

  test('gives what was sent before and after, in order, with keys, headers and where it stands', async () => {
    const orders = made<object>(unique('orders'), { start: 'first', group: 'all' });
    const first = await orders({ key: 'Ada', value: { total: 5n }, headers: { trace: 'a b', Lang: 'grüß' } });
    const seen: StreamEvent<object>[] = [];
    const events = orders[Symbol.asyncIterator]();
    seen.push(await one(events));
    await orders.send({ value: new Map([[1, 2]]) });
    seen.push(await one(events));

    expect(seen[0]).toMatchObject({
      key: 'Ada',
      value: { total: 5n },
      headers: { trace: 'a b', Lang: 'grüß' },
      attempt: 1,
    });
    expect(seen[0]?.message).toMatchObject({
      topic: orders.name,
      partition: first.partition,
      position: first.position,
    });
    expect(Math.abs((seen[0]?.message as BrokerMessage | undefined)?.time ?? 0) - Date.now()).toBeGreaterThan(-60_000);
    expect(seen[1]).toMatchObject({ key: undefined, value: new Map([[1, 2]]), headers: {} });
    expect(orders.stats()).toMatchObject({
      sent: 2,
      sending: 0,
      received: 2,
      inHand: 2,
      consumers: 1,
      isConnected: true,
    });
    await Promise.all(seen.map(async (event) => event.ack()));
    expect(orders.stats()).toMatchObject({ acked: 2, inHand: 0 });
  });

  test('sends null as nothing, which no codec sees, and nothing as a value', async () => {
    const it = made<undefined | null>(unique('null'), { start: 'first', group: 'all' });
    await it({ key: 'k', value: null });
    await it({ key: 'k', value: undefined });
    const events = it[Symbol.asyncIterator]();

    expect(await taken(events, 2)).toEqual([null, undefined]);
  });

  test('keeps the order of what is sent at once, also where a codec takes its time', async () => {
    const codec = {
      encode: async (n: number) => Uint8Array.of(n),
      decode: async (bytes: Uint8Array) => bytes[0] as number,
    };
    const it = made<number>(unique('burst'), { start: 'first', group: 'all', codec });
    await Promise.all(Array.from({ length: 50 }, async (_, n) => it({ key: 'one', value: n })));
    const events = it[Symbol.asyncIterator]();

    expect(await taken(events, 50)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test('goes on where its group has stopped', async () => {
    const name = unique('goes-on');
    const it = made<number>(name, { group: 'g' });
    await fill(it, 5);
    const events = it[Symbol.asyncIterator]();
    expect(await taken(events, 2)).toEqual([1, 2]);
    await it.close();

    const again = made<number>(name, { group: 'g' });
    expect(await taken(again[Symbol.asyncIterator](), 3)).toEqual([3, 4, 5]);
  });

  test('gives each of two groups everything, and each consumer without one', async () => {
    const name = unique('groups');
    const [a, b] = [made<number>(name, { group: 'a' }), made<number>(name, { group: 'b' })];
    await fill(a, 3);
    const [one, two] = [made<number>(name, { start: 'first' }), made<number>(name, { start: 'first' })];

    for (const it of [a, b, one, two]) expect(await taken(it[Symbol.asyncIterator](), 3)).toEqual([1, 2, 3]);
  });

  test('begins with new messages where it has no group, from the moment at which it was iterated over', async () => {
    const it = made<number>(unique('new'));
    await fill(it, 2);
    const events = it[Symbol.asyncIterator]();
    await fill(it, 2, 3);

    expect(await taken(events, 2)).toEqual([3, 4]);
  });

  test('begins at the last message, at a position, or at a time', async () => {
    const name = unique('start');
    const it = made<number>(name);
    await fill(it, 2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const time = new Date();
    const third = await it({ key: 'one key', value: 3 });
    await it({ key: 'one key', value: 4 });

    const from = async (start: TopicOptions<number>['start'], count: number): Promise<number[]> =>
      taken(made<number>(name, { start })[Symbol.asyncIterator](), count);
    expect(await from('last', 1)).toEqual([4]);
    expect(await from(third.position, 2)).toEqual([3, 4]);
    if (kind.ignoresTimes) expect(it.can.times).toBe(true);
    else if (it.can.times) expect(await from(time, 2)).toEqual([3, 4]);
    else expect(() => made(name, { start: time })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    if (it.can.partitions) expect(await from({ [third.partition]: third.position }, 2)).toEqual([3, 4]);
    else expect(() => made(name, { start: { 0: 1 } })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('seeks', async () => {
    const it = made<number>(unique('seek'), { group: 'g' });
    await fill(it, 3);
    const events = it[Symbol.asyncIterator]();
    expect(await taken(events, 3)).toEqual([1, 2, 3]);
    await it.seek('first');

    expect(await taken(events, 3)).toEqual([1, 2, 3]);
    await expect(it.seek(-3)).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('seeks while a stream has a message in hand, which is void then, and the stream goes on', async () => {
    const it = made<number>(unique('seek-stream'), { group: 'g' });
    await fill(it, 4);
    const seen: number[] = [];
    const isThere = later();
    const running = stream(it).forEach(async (n) => {
      if (seen.push(n) === 3) await it.seek('first');
      if (n === 4) isThere.resolve();
    });
    await isThere.promise;
    await it.close();
    await running;

    expect(seen.slice(0, 3)).toEqual([1, 2, 3]);
    expect(seen.slice(3).filter((n, i, all) => all.indexOf(n) === i)).toEqual([1, 2, 3, 4]);
  });

  test('delivers again what was handed back, with a higher attempt', async () => {
    const it = made<number>(unique('nack'), { group: 'g', retryDelay: (attempt) => (attempt === 1 ? 0 : 100) });
    await fill(it, 2);
    const events = it[Symbol.asyncIterator]();
    const first = await one(events);
    await first.nack();
    const order: string[] = [];
    const began = performance.now();
    while (order.length < 3) {
      const event = await one(events);
      order.push(`${event.value}.${event.attempt}`);
      if (event.value === 1 && event.attempt === 2) await event.nack();
      else await event.ack();
    }

    expect([...order].sort()).toEqual(['1.2', '1.3', '2.1']);
    if (it.can.orderedRedelivery) expect(order).toEqual(['1.2', '2.1', '1.3']);
    expect(performance.now() - began).toBeGreaterThan(80);
    expect(it.stats()).toMatchObject({ nacked: 2, acked: 2, redelivered: 2 });
  });

  test('hands back, in order, what was not dealt with when it is left', async () => {
    const name = unique('left');
    const it = made<number>(name, { group: 'g' });
    await fill(it, 10);
    const seen: number[] = [];
    for await (const n of stream(it)) {
      if (seen.push(n) === 4) break;
    }
    await it.close();

    const again = made<number>(name, { group: 'g' });
    expect(await taken(again[Symbol.asyncIterator](), 7)).toEqual([4, 5, 6, 7, 8, 9, 10]);
  });

  test('commits no message beyond a gap', async () => {
    const name = unique('gap');
    const it = made<number>(name, { group: 'g' });
    await fill(it, 4);
    const events = it[Symbol.asyncIterator]();
    const all = [await one(events), await one(events), await one(events), await one(events)];
    await all[0]?.ack();
    await all[2]?.ack();
    await it.close({ timeout: 0 });

    const seen: number[] = [];
    const again = made<number>(name, { group: 'g' })[Symbol.asyncIterator]();
    while (!seen.includes(2) || !seen.includes(4)) seen.push(...(await taken(again, 1)));
    expect(seen).not.toContain(1);
  });

  test('sends to the dead letters what was delivered often enough', async () => {
    const dead = made<number>(unique('dead'), { group: 'g' });
    const it = made<number>(unique('poison'), { group: 'g', maxDeliver: 2, deadLetter: dead, retryDelay: 0 });
    await fill(it, 2);
    const done = later();
    const seen: string[] = [];
    const running = stream(it, { onError: 'nack' }).forEach((n) => {
      seen.push(`${n}`);
      if (n === 1) throw new Error('poison');
      done.resolve();
    });
    running.catch(() => undefined);
    const letter = await one(dead[Symbol.asyncIterator]());
    await done.promise;

    expect(letter).toMatchObject({
      value: 1,
      key: 'one key',
      headers: { 'offloop-topic': it.name, 'offloop-attempt': '2' },
    });
    expect([...seen].sort()).toEqual(['1', '1', '2']);
    await vi.waitFor(() => expect(it.stats()).toMatchObject({ deadLettered: 1 }));
  });

  test('throws what cannot be decoded to its consumer, and has dealt with it', async () => {
    const name = unique('broken');
    const codec = {
      encode: (n: number) => Uint8Array.of(n),
      decode: ([n]: Uint8Array) => {
        if (n === 1) throw new Error('broken');
        return n as number;
      },
    };
    const it = made<number>(name, { group: 'g', codec });
    await fill(it, 2);
    const events = it[Symbol.asyncIterator]();

    await expect(events.next()).rejects.toThrow(coded('ERR_OFFLOOP_CODEC'));
    expect(await taken(events, 1)).toEqual([2]);
    await it.close();
    const again = made<number>(name, { group: 'g', codec });
    await again({ key: 'one key', value: 3 });
    expect(await taken(again[Symbol.asyncIterator](), 1)).toEqual([3]);
  });

  test('pauses and goes on', async () => {
    const it = made<number>(unique('pause'), { group: 'g' });
    await fill(it, 2);
    const events = it[Symbol.asyncIterator]();
    expect(await taken(events, 1)).toEqual([1]);
    it.pause();
    let isThere = false;
    const next = one(events).finally(() => (isThere = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isThere).toBe(false);
    it.resume();

    expect((await next).value).toBe(2);
  });

  test('shares the messages of a group, and gives those of one that leaves to the others', async () => {
    const name = unique('share');
    const [a, b] = [made<number>(name, { group: 'g' }), made<number>(name, { group: 'g' })];
    const counts = { a: 0, b: 0 };
    const seen: number[] = [];
    const all = later();
    const consume = async (it: Topic<number>, who: 'a' | 'b'): Promise<void> =>
      stream(it).forEach(async (n) => {
        counts[who] += 1;
        seen.push(n);
        if (new Set(seen).size === 60) all.resolve();
        await new Promise((resolve) => setTimeout(resolve, 1));
      });
    const running = [consume(a, 'a'), consume(b, 'b')];
    for (let n = 0; n < 30; n += 1) await a({ key: `key ${n}`, value: n });
    await new Promise((resolve) => setTimeout(resolve, kind.patience / 10));
    await b.close();
    for (let n = 30; n < 60; n += 1) await a({ key: `key ${n}`, value: n });
    await all.promise;
    await a.close();
    await Promise.all(running);

    expect(new Set(seen).size).toBe(60);
    expect(counts.a).toBeGreaterThan(0);
  });

  test('is over when it is closed: sends are refused, consumers end, and what is in hand cannot be settled', async () => {
    const it = made<number>(unique('closed'), { group: 'g' });
    await fill(it, 1);
    const events = it[Symbol.asyncIterator]();
    const event = await one(events);
    const waiting = events.next();
    await it.close({ timeout: 0 });
    await it.close();

    expect((await waiting).done).toBe(true);
    expect((await events.next()).done).toBe(true);
    await expect(event.ack()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await expect(it({ value: 1 })).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    expect(() => it[Symbol.asyncIterator]()).toThrow(coded('ERR_OFFLOOP_CLOSED'));
  });

  test('lets what is in hand be settled after the loop was left', async () => {
    const name = unique('in-hand');
    const it = made<number>(name, { group: 'g' });
    await fill(it, 3);
    const events = it[Symbol.asyncIterator]();
    const first = await one(events);
    await events.return?.();
    await first.ack();
    expect(it.stats()).toMatchObject({ consumers: 0, acked: 1 });

    expect(await taken(it[Symbol.asyncIterator](), 2)).toEqual([2, 3]);
  });
});
