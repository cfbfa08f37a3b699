/** Topics at their edges: odd keys, headers and positions, and ends in the middle of everything. @module */

import { conf } from 'offloop/flow';
import { stream } from 'offloop/streams';
import { memory, topic } from 'offloop/topics';
import type { Topic, TopicOptions } from 'offloop/topics';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { kinds, unique } from '../support/brokers.ts';
import type { Broker } from '../support/brokers.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const bytes = { encode: (value: Uint8Array) => value, decode: (value: Uint8Array) => value };

describe.each(kinds.filter(({ name }) => name === 'memory' || name.startsWith('nats')))(
  'a topic over $name',
  (kind) => {
    let broker: Broker;
    const open = new Set<Topic<never>>();
    beforeAll(async () => void (broker = await kind.start()));
    afterAll(async () => broker.stop());
    afterEach(async () => {
      for (const it of open) await it.close({ timeout: 0 });
      open.clear();
    });

    const made = <T>(options: TopicOptions<T> = {}, name = unique('edge')): Topic<T> => {
      const it = topic<T>(name, { transport: broker.connect(), group: 'g', ...options });
      open.add(it as unknown as Topic<never>);
      return it;
    };

    test('brings every key, value and header as it was', async () => {
      const it = made<unknown>();
      const keys = ['', 'ä', ' blank ', 'a\r\nb', '\0', 'x'.repeat(500), '🙂'];
      const values = ['', 0, false, NaN, [], {}, new Date(0)];
      const headers = JSON.parse('{ "__proto__": "p", "a.b": "", "!#$": "🙂", "constructor": "c" }') as Record<
        string,
        string
      >;
      for (const [i, key] of keys.entries()) await it({ key, value: values[i], headers });
      const events = it[Symbol.asyncIterator]();
      const seen = new Map<unknown, unknown>();
      for (const _ of keys) {
        const event = (await events.next()).value;
        seen.set(event?.key, event?.value);
        expect(Object.entries(event?.headers ?? {})).toEqual(Object.entries(headers));
        await event?.ack();
      }

      expect(seen).toEqual(new Map(keys.map((key, i) => [key, values[i]])));
    });

    test('brings bytes as keys and values, and no bytes', async () => {
      const it = topic<Uint8Array, Uint8Array>(unique('bytes'), {
        transport: broker.connect(),
        group: 'g',
        codec: bytes,
        keyCodec: bytes,
      });
      open.add(it as unknown as Topic<never>);
      await it({ key: Uint8Array.of(0, 255, 10), value: new Uint8Array() });
      const event = (await it[Symbol.asyncIterator]().next()).value;

      expect([...(event?.key ?? [])]).toEqual([0, 255, 10]);
      expect(event?.value).toHaveLength(0);
    });

    test('refuses headers that the broker would take for its own', async () => {
      const it = made<number>();
      for (const name of ['Nats-Rollup', 'nats-msg-id', 'Offloop-Key'])
        if (kind.name.startsWith('nats'))
          await expect(it({ value: 1, headers: { [name]: 'all' } })).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    });

    test('settles once: the first time counts', async () => {
      const it = made<number>({ retryDelay: 0 });
      for (const value of [1, 2]) await it({ value, key: 'k' });
      const events = it[Symbol.asyncIterator]();
      const first = (await events.next()).value;
      await first?.ack();
      await first?.ack();
      await first?.nack();
      const second = (await events.next()).value;
      await second?.nack();
      await second?.ack();
      const again = (await events.next()).value;

      expect([again?.value, again?.attempt]).toEqual([2, 2]);
      expect(it.stats()).toMatchObject({ acked: 1, nacked: 1 });
    });

    test('begins at the ends, and beyond them', async () => {
      const name = unique('ends');
      const it = made<number>({}, name);
      await it({ value: 1 });
      const from = (start: TopicOptions<number>['start']): AsyncIterator<{ readonly value: number }> =>
        made<number>({ group: undefined, start }, name)[Symbol.asyncIterator]();
      const [beyond, future, now] = [from(1e9), from(new Date(Date.now() + 1e9)), from('new')];
      const early = [from(0), from(new Date(0)), from('first'), from('last')];
      const firsts = await Promise.all(early.map(async (events) => (await events.next()).value as { value: number }));
      expect(firsts.map(({ value }) => value)).toEqual([1, 1, 1, 1]);
      const waiting = [beyond.next(), now.next(), future.next()];
      await it({ value: 2 });
      const seconds = (await Promise.all(waiting)).map((step) => (step.value as { value: number }).value);

      expect(seconds).toEqual([2, 2, 2]);
    });

    test('begins at the last message where there is none', async () => {
      const it = made<number>({ start: 'last' });
      const next = it[Symbol.asyncIterator]().next();
      await it({ value: 1 });

      expect((await next).value?.value).toBe(1);
    });

    test('closes once, whoever calls how often, while it is paused and a handler never ends', async () => {
      const name = unique('never');
      const it = made<number>({}, name);
      for (const value of [1, 2, 3]) await it({ value, key: 'k' });
      let begun!: () => void;
      const isBegun = new Promise<void>((resolve) => (begun = resolve));
      const running = stream(it).forEach(async () => {
        begun();
        await new Promise(() => undefined);
      });
      running.catch(() => undefined);
      await isBegun;
      it.pause();
      const other = made<number>({}, name);
      other.pause();
      const waiting = other[Symbol.asyncIterator]().next();
      await Promise.all([it.close({ timeout: 30 }), it.close(), it[Symbol.asyncDispose](), other.close()]);
      expect((await waiting).done).toBe(true);
      const again = made<number>({}, name)[Symbol.asyncIterator]();

      const values: unknown[] = [];
      for (let n = 0; n < 3; n += 1) {
        const event = (await again.next()).value;
        values.push(event?.value);
        await event?.ack();
      }
      // What was not taken goes back first, what is still in hand after it.
      const inOrder =
        it.can.orderedRedelivery || kind.name === 'memory' ? values : values.toSorted((a, b) => Number(a) - Number(b));
      expect(inOrder).toEqual([1, 2, 3]);
    });
  },
);

describe('a delay', () => {
  test('that is none counts as one second, and errors tell of it', async () => {
    let delay = NaN;
    const it = topic<number>(unique('delay'), { transport: memory(), group: 'g', retryDelay: () => delay });
    await it({ value: 1 });
    const events = it[Symbol.asyncIterator]();
    await (await events.next()).value?.nack();
    const again = (await events.next()).value;
    expect([again?.attempt, it.stats().errors]).toEqual([2, 1]);
    delay = 2 ** 40;
    await again?.nack();
    await it({ value: 2 });

    expect((await events.next()).value?.value).toBe(2);
  });
});

describe('the defaults of a program', () => {
  test('are those of topics that are made later, as far as they are options of topics', async () => {
    const transport = memory();
    onTestFinished(
      () => void conf({ transport: undefined, group: undefined, servers: undefined, maxDeliver: undefined }),
    );
    const before = topic<number>(unique('conf'));
    conf({ transport, group: 'demo', servers: 'anything' });
    const it = topic<number>(unique('conf'));
    conf({ group: 'later' });
    await it({ value: 1 });
    await (await it[Symbol.asyncIterator]().next()).value?.ack();
    const same = topic<number>(it.name, { transport, group: 'demo' });
    const own = topic<number>(it.name, { transport: undefined, group: 'own' });
    const next = same[Symbol.asyncIterator]().next();

    expect((await own[Symbol.asyncIterator]().next()).value?.value).toBe(1);
    await it({ value: 2 });
    expect((await next).value?.value).toBe(2);
    expect(before.stats().consumers).toBe(0);
    conf({ maxDeliver: 0 });
    expect(() => topic('t')).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});
