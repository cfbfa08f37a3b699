import { channel, eventsOf, stream, StreamEvent } from 'offloop/streams';
import type { Outcome } from 'offloop/streams';
import { describe, expect, test } from 'vitest';
import { hasSettled } from '../support/has-settled.ts';
import { items, silent, untilThrown } from '../support/items.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;

/** Sends 0 to `length` with their keys, and ends the channel. */
async function fill(to: ReturnType<typeof channel<number>>, length: number): Promise<void> {
  for (let n = 0; n < length; n += 1) await to.send(n, { key: n });
  to.end();
}

describe('a channel', () => {
  test('gives what was sent, in order, and keeps it for the first subscriber', async () => {
    const numbers = channel<number>();
    const sent = fill(numbers, 100);

    expect(await stream(numbers).toArray()).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await sent;
    expect(await stream(numbers).toArray()).toEqual([]);
  });

  test('gives values as values, and events as events', async () => {
    const mixed = channel<number>();
    await mixed.send(1);
    await mixed.send(2, { key: 'k' });
    mixed.end();
    const list = [];
    for await (const item of mixed) list.push(item);

    expect(list).toEqual([1, expect.any(StreamEvent)]);
  });

  test('gives each subscriber every item from then on; the slowest bounds the sender', async () => {
    const numbers = channel<number>({ maxSize: 1 });
    const [fast, slow] = [numbers.subscribe(), numbers.subscribe()];
    await numbers.send(1);
    const second = numbers.send(2);
    expect((await fast.next()).value).toBe(1);
    expect([await hasSettled(second), numbers.subscribers, slow.size]).toEqual([false, 2, 1]);
    expect((await slow.next()).value).toBe(1);
    await second;
    numbers.end();

    expect([(await fast.next()).value, (await slow.next()).value]).toEqual([2, 2]);
    expect([(await fast.next()).done, (await slow.next()).done, numbers.closed]).toEqual([true, true, true]);
  });

  test('is not bounded by a subscriber that drops', async () => {
    const numbers = channel<number>({ maxSize: 8 });
    const [all, last] = [numbers.subscribe(), numbers.subscribe({ maxSize: 2, overflow: 'drop-oldest' })];
    for (let n = 0; n < 5; n += 1) await numbers.send(n);
    numbers.end();

    expect(await stream(all).toArray()).toEqual([0, 1, 2, 3, 4]);
    expect([last.dropped, await stream(last).toArray()]).toEqual([3, [3, 4]]);
  });

  test('goes on when a subscriber leaves, also one that holds the sender up', async () => {
    const numbers = channel<number>({ maxSize: 1 });
    const [stays, leaves] = [numbers.subscribe({ maxSize: 9 }), numbers.subscribe()];
    await numbers.send(1);
    const held = numbers.send(2);
    await leaves.return?.();
    await held;
    await numbers.send(3);
    numbers.end();

    expect(await stream(stays).toArray()).toEqual([1, 2, 3]);
    expect(numbers.subscribers).toBe(0);
  });

  test('tells of an error after what was sent before, once to each, and takes no more', async () => {
    const numbers = channel<number>();
    const [a, b] = [numbers.subscribe(), numbers.subscribe()];
    await numbers.send(1);
    numbers.end(new RangeError('sender'));

    for (const it of [a, b])
      expect(await untilThrown(stream(it))).toEqual({ list: [1], thrown: new RangeError('sender') });
    await expect(numbers.send(2)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
  });

  test('holds up the sender where nobody has subscribed', async () => {
    const numbers = channel<number>({ maxSize: 1 });
    await numbers.send(1);
    const second = numbers.send(2);
    expect(await hasSettled(second)).toBe(false);
    const it = stream(numbers);

    expect((await it.next()).value).toBe(1);
    await second;
    expect((await it.next()).value).toBe(2);
    await it.close();
    expect(numbers.subscribers).toBe(0);
  });

  test('of maxSize 0 gives its first subscriber what was sent before, and then the end', async () => {
    const numbers = channel<number>({ maxSize: 0 });
    const sent = [1, 2].map(async (n) => numbers.send(n));
    numbers.end();

    expect(await stream(numbers).toArray()).toEqual([1, 2]);
    await Promise.all(sent);
  });

  test('settles an event once all subscribers have, and hands it back if one has', async () => {
    const log: string[] = [];
    const numbers = channel<number>();
    const settle = (n: number) => (outcome: Outcome) => log.push(`${outcome} ${n}`);
    const [a, b] = [stream(numbers), stream(numbers)];
    const [firstA, firstB] = [a.next(), b.next()];
    await numbers.send(1, { settle: settle(1) });
    await numbers.send(2, { settle: settle(2) });
    await Promise.all([firstA, firstB]);
    await a.next();
    expect(log).toEqual([]);
    await b.next();
    expect(log).toEqual(['ack 1']);
    await a.close();
    await b.close();

    expect(log).toEqual(['ack 1', 'nack 2']);
  });

  test('hands back the events that wait for one who leaves, and acknowledges those it drops', async () => {
    const log: string[] = [];
    const send = async (to: ReturnType<typeof channel<number>>, n: number): Promise<void> =>
      to.send(n, { settle: (outcome) => log.push(`${outcome} ${n}`) });
    const left = channel<number>();
    const subscription = left.subscribe();
    for (const n of [1, 2]) await send(left, n);
    subscription.close();
    expect(log).toEqual(['nack 1', 'nack 2']);

    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      const dropping = channel<number>({ maxSize: 1, overflow });
      log.length = 0;
      dropping.subscribe();
      for (const n of [1, 2]) await send(dropping, n);
      expect(log).toEqual([overflow === 'drop-oldest' ? 'ack 1' : 'ack 2']);
    }
  });

  test('tells whoever leaves that a source does not take its event back, after all were handed back', async () => {
    const log: number[] = [];
    const numbers = channel<number>();
    const [one, other] = [numbers.subscribe(), stream(numbers)];
    const first = other.next();
    for (const n of [1, 2, 3])
      await numbers.send(n, {
        settle: async () => {
          log.push(n);
          throw new Error(`broker ${n}`);
        },
      });
    await first;
    one.close();
    await expect(other.close()).rejects.toThrow('broker 1');

    expect(log.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    await expect(one.return?.()).resolves.toEqual({ value: undefined, done: true });
  });

  test('drops and acknowledges the same events, in order, however many are sent at once', async () => {
    const log: string[] = [];
    const numbers = channel<number>();
    const oldest = numbers.subscribe({ maxSize: 1, overflow: 'drop-oldest' });
    const event = (n: number): StreamEvent<number> =>
      new StreamEvent(n, { settle: async (outcome) => Promise.resolve(log.push(`${outcome} ${n}`)) });
    await Promise.all([...[1, 2, 3].map(async (n) => numbers.receive(event(n))), numbers.send(4)]);
    expect(log).toEqual(['ack 1', 'ack 2', 'ack 3']);
    numbers.end();

    expect(await stream(oldest).toArray()).toEqual([4]);
  });

  test('hands an event back that one subscriber refuses, once the others are through', async () => {
    const log: string[] = [];
    const numbers = channel<number>();
    const all = numbers.subscribe();
    const full = numbers.subscribe({ maxSize: 1, overflow: 'error' });
    const event = (n: number): StreamEvent<number> =>
      new StreamEvent(n, { settle: (outcome) => log.push(`${outcome} ${n}`) });
    await numbers.receive(event(1));
    await expect(numbers.receive(event(2))).rejects.toThrow(coded('ERR_OFFLOOP_OVERFLOW'));
    numbers.end();

    expect([await stream(all).toArray(), await stream(full).toArray()]).toEqual([[1, 2], [1]]);
    expect(log).toEqual(['nack 2', 'ack 1']);
  });

  test('ends a subscription by its signal', async () => {
    const controller = new AbortController();
    const numbers = channel<number>();
    const subscription = numbers.subscribe({ signal: controller.signal });
    controller.abort('enough');

    await expect(subscription.next()).rejects.toBe('enough');
    expect([subscription.closed, numbers.subscribers]).toEqual([true, 0]);
    expect(numbers.subscribe({ signal: AbortSignal.abort() }).closed).toBe(true);
  });

  test('refuses options of an item that are none', async () => {
    for (const options of [null, 0, 'key', new Map()])
      await expect(channel<number>().send(1, options as never)).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('waits for a signal that a clock aborts while an item is asked for, and no longer', async () => {
    const folder = project({
      'main.mjs': `
        import { channel } from 'offloop/streams';
        const [one, other] = [channel(), channel()];
        const next = other.subscribe({ signal: AbortSignal.timeout(3_600_000) }).next();
        await one.subscribe({ signal: AbortSignal.timeout(5) }).next().catch(({ name }) => console.log(name));
        await other.send(1);
        console.log((await next).value);
      `,
    });
    const { lines, stderr, code } = await run(`${folder}/main.mjs`);

    expect({ lines, stderr, code }).toEqual({ lines: ['TimeoutError', '1'], stderr: '', code: 0 });
  });

  test('refuses options that do not go together', () => {
    expect(() => channel({ maxSize: 0, overflow: 'error' })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => channel({ size: 1 } as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => channel().subscribe({ signal: 1 } as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => channel().subscribe({ maxSize: 0, overflow: 'drop-oldest' })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => channel({ maxSize: 0 }).subscribe({ overflow: 'error' })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});

describe('echo', () => {
  test('sends each item on with key and headers, and passes it on', async () => {
    const [copies, values] = [channel<number>(), [] as number[]];
    const source = [1, 2].map((n) => new StreamEvent(n, { key: `k${n}`, headers: { n } }));
    const list = await stream(source)
      .map((n) => n * 10)
      .echo(copies, (n) => values.push(n))
      .toArray();
    copies.end();
    const events = await stream(copies).events().toArray();

    expect([list, values]).toEqual([[10, 20], [10, 20]]); // prettier-ignore
    expect(events).toMatchObject([
      { key: 'k1', value: 10, headers: { n: 1 } },
      { key: 'k2', value: 20, headers: { n: 2 } },
    ]);
  });

  test('that fails is an error of the stream', async () => {
    const ended = channel<number>();
    ended.end();

    await expect(stream([1]).echo(ended).toArray()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    expect(() => stream([1]).echo(1 as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});

describe('through', () => {
  test('sends all items through a channel, and acknowledges them', async () => {
    const acked: number[] = [];
    const source = items(100, (n) => new StreamEvent(n, { key: n, settle: () => acked.push(n) }));
    const middle = channel<number>({ maxSize: 3 });
    const pairs = await stream(source as Iterable<StreamEvent<number, number>>)
      .map((n) => n * 2)
      .through(middle)
      .items()
      .toArray();

    expect(pairs).toEqual(Array.from({ length: 100 }, (_, n) => [n, 2 * n]));
    expect(acked).toHaveLength(100);
    expect(middle.subscribers).toBe(0);
  });

  test('is bounded by the channel, and closes the source', async () => {
    const source = items();
    const it = stream(source).through(channel<number>({ maxSize: 3 }));
    await it.next();
    await new Promise((resolve) => setImmediate(resolve));

    expect(source.pulled).toBeLessThanOrEqual(6);
    await it.close();
    expect(source.isClosed).toBe(true);
  });

  test('asks for no more than the channel has room for, however long it goes on', async () => {
    const source = items();
    const it = stream(source).through(channel<number>({ maxSize: 1 }));
    for (let n = 0; n < 50; n += 1) expect((await it.next()).value).toBe(n);

    expect(source.pulled).toBeLessThanOrEqual(54);
    await it.close();
  });

  test('tells of an item that the channel refuses because the program has ended it', async () => {
    const middle = channel<number>();
    const numbers = stream([1, 2, 3]).tap((n) => {
      if (n === 2) middle.end();
    });
    expect(await untilThrown(numbers.through(middle))).toEqual({ list: [1], thrown: coded('ERR_OFFLOOP_CLOSED') });
    const ended = channel<number>();
    ended.end();

    await expect(stream([1]).through(ended).toArray()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
  });

  test('gives the error of the source after the items before it', async () => {
    const source = items(3, (n) => {
      if (n === 2) throw new Error('source');
      return n;
    });

    expect(await untilThrown(stream(source).through(channel<number>()))).toEqual({
      list: [0, 1],
      thrown: new Error('source'),
    });
  });

  test('gives an error at once if its channel is not one in process, and is silent', async () => {
    const output = { [Symbol.asyncIterator]: silent };
    const refusing = { ...output, receive: async () => Promise.reject(new Error('refused')) };
    await expect(stream([1]).through(refusing).next()).rejects.toThrow('refused');
    const failing = items(1, () => {
      throw new Error('source');
    });

    await expect(
      stream(failing.later())
        .through({ ...output, receive: async () => undefined })
        .next(),
    ).rejects.toThrow('source');
  });

  test('hands back what could not be sent', async () => {
    const commits: number[] = [];
    const ended = channel<number>();
    const it = stream(eventsOf([1, 2], { commit: (count) => commits.push(count) })).through(ended);
    ended.end(new Error('gone'));

    await expect(it.toArray()).rejects.toThrow();
    expect(commits).toEqual([]);
  });
});
