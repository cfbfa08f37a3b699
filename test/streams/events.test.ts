import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { ThreadPool } from 'offloop';
import { channel, eventsOf, merge, stream, StreamEvent } from 'offloop/streams';
import type { Outcome, Stream, StreamOptions } from 'offloop/streams';
import { afterAll, describe, expect, test } from 'vitest';
import { AckRun } from '../../src/streams/events/run-of-acks.ts';
import { mortal, tenfold } from '../fixtures/jobs/streamed.mjs';
import { heapInUse } from '../support/heap.ts';
import { later } from '../support/later.ts';
import { numbers } from '../support/source.ts';
import { items as recordedItems, silent, untilThrown } from '../support/items.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const pool = new ThreadPool({ size: 2 });
afterAll(async () => pool.close());

/** Events of `values`, and what was said of each: `+1` acknowledged, `-1` handed back. */
function noted<T>(values: Iterable<T>): { events: Generator<StreamEvent<T, string>>; log: string[] } {
  const log: string[] = [];
  function* events(): Generator<StreamEvent<T, string>> {
    for (const value of values) {
      const settle = (outcome: Outcome): void => void log.push(`${outcome === 'ack' ? '+' : '-'}${String(value)}`);
      yield new StreamEvent(value, { key: `key ${String(value)}`, settle });
    }
  }
  return { events: events(), log };
}

const two = (n: number): number => {
  if (n === 2) throw new Error('two');
  return n;
};

describe('an event', () => {
  test('is acknowledged when its consumer moves on, and not before', async () => {
    const { events, log } = noted([1, 2]);
    const it = stream(events);

    expect([(await it.next()).value, [...log]]).toEqual([1, []]);
    expect([(await it.next()).value, [...log]]).toEqual([2, ['+1']]);
    expect([(await it.next()).done, log]).toEqual([true, ['+1', '+2']]);
  });

  test('that is filtered is acknowledged at once, also by hand and before a batch', async () => {
    const { events, log } = noted([1, 2, 3, 4, 5, 6]);
    const it = stream(events)
      .filter((n) => n % 2 === 0)
      .batch(3);
    await it.next();
    expect(log).toEqual(['+1', '+3', '+5']);
    await it.next();
    expect(log).toEqual(['+1', '+3', '+5', '+2', '+4', '+6']);

    const manual = noted([1, 2]);
    await stream(manual.events, { ack: 'manual' })
      .filter((n) => n === 2)
      .next();
    expect(manual.log).toEqual(['+1']);
  });

  test('of flatMap is acknowledged after its last item', async () => {
    const { events, log } = noted([2, 0, 1]);
    const it = stream(events).flatMap((n) => Array.from({ length: n }, () => n));
    const seen: unknown[] = [];
    for await (const n of it) seen.push(n, ...log);

    expect(seen).toEqual([2, 2, 1, '+2', '+0']);
    expect(log).toEqual(['+2', '+0', '+1']);
  });

  test('of a batch is acknowledged with the others of the batch', async () => {
    const { events, log } = noted([1, 2, 3]);
    const it = stream(events).batch(2);
    await it.next();
    expect(log).toEqual([]);
    await it.next();
    expect(log).toEqual(['+1', '+2']);
    await it.next();
    expect(log).toEqual(['+1', '+2', '+3']);
  });

  test('of reduce and toArray is acknowledged at the end, or not at all', async () => {
    const { events, log } = noted([1, 2, 3]);
    const seen: string[][] = [];
    await stream(events)
      .tap(() => seen.push([...log]))
      .toArray();
    expect([seen, log]).toEqual([[[], [], []], ['+1', '+2', '+3']]); // prettier-ignore

    const failing = noted([1, 2, 3]);
    await expect(stream(failing.events).reduce((sum, n) => sum + two(n))).rejects.toThrow('two');
    expect(failing.log).toEqual(['-1', '-2']);
  });

  test('of some, find and first is acknowledged when it was looked at', async () => {
    const { events, log } = noted([1, 2, 3]);

    expect(await stream(events).find((n) => n === 2)).toBe(2);
    expect(log).toEqual(['+1', '+2']);
  });

  test('that comes after the stream was closed is handed back', async () => {
    const log: string[] = [];
    let give!: (event: StreamEvent<number>) => void;
    const source: AsyncIterable<StreamEvent<number>> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({
          value: await new Promise<StreamEvent<number>>((resolve) => (give = resolve)),
          done: false,
        }),
      }),
    };
    const it = stream(source);
    const next = it.next();
    await it.close();
    give(new StreamEvent(1, { settle: (outcome) => log.push(outcome) }));

    expect((await next).done).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['nack']);
  });

  test('that a loop was left at is handed back, in order with all that were begun', async () => {
    const { events, log } = noted(numbers());
    for await (const n of stream(events).map(async (n) => n, { concurrency: 3 })) if (n === 1) break;

    expect(log).toEqual(['+0', '-1', '-2', '-3']);
  });

  test('is acknowledged by hand with ack: manual, and not by moving on', async () => {
    const { events, log } = noted([1, 2, 3]);
    for await (const event of stream(events, { ack: 'manual' }).events()) {
      if (event.value === 1) await event.ack();
      if (event.value === 2) await event.nack();
    }

    expect(log).toEqual(['+1', '-2']);
  });

  test('counts once, however often it is acknowledged or handed back', async () => {
    const { events, log } = noted([1, 2]);
    for await (const event of stream(events).events()) {
      await event.ack();
      await event.ack();
      await event.nack();
      expect(event.settled).toBe(true);
    }

    expect(log).toEqual(['+1', '+2']);
  });

  test('is acknowledged by await using', async () => {
    const { events, log } = noted([1, 2]);
    for await (const event of stream(events, { ack: 'manual' }).events()) {
      await using held = event;
      if (held.value === 2) await held.nack();
    }

    expect(log).toEqual(['+1', '-2']);
  });

  test('has a key, headers and a message; events() and items() give it, and leave out what comes with none', async () => {
    const message = { offset: 7 };
    const source = [new StreamEvent('a', { key: 'k', headers: { trace: 1 }, message, attempt: 2 }), 'plain'];
    const [event] = await stream(source as never).map((text) => `${text as string}!`).events().toArray(); // prettier-ignore

    expect(event).toMatchObject({ key: 'k', value: 'a!', headers: { trace: 1 }, message, attempt: 2 });
    expect(await stream(source as never).items().toArray()).toEqual([['k', 'a'], [undefined, 'plain']]); // prettier-ignore
    expect(
      await stream(source as never)
        .events()
        .toArray(),
    ).toHaveLength(1);
    expect(() => new StreamEvent(1, { attempt: 0 })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('of a batch settles all of them', async () => {
    const { events, log } = noted([1, 2, 3, 4]);
    for await (const event of stream(events, { ack: 'manual' }).batch(2).events()) {
      if (event.value[0] === 1) await event.ack();
      else await event.nack();
    }

    expect(log).toEqual(['+1', '+2', '-3', '-4']);
  });

  test('of a batch settles all of them, also if the source of one fails', async () => {
    const settled: number[] = [];
    const events = [1, 2, 3].map(
      (n) =>
        new StreamEvent(n, {
          settle: () => {
            settled.push(n);
            if (n === 1) throw new Error('source');
          },
        }),
    );
    const batch = await stream(events, { ack: 'manual' }).batch(3).events().first();

    await expect(batch?.ack()).rejects.toThrow('source');
    expect(settled).toEqual([1, 2, 3]);
  });

  test('batchEvents gives arrays of events', async () => {
    const { events, log } = noted([1, 2, 3]);
    const sizes: number[] = [];
    for await (const batch of stream(events, { ack: 'manual' }).batchEvents(2)) {
      sizes.push(batch.length);
      for (const event of batch) await event.ack();
    }

    expect([sizes, log]).toEqual([[2, 1], ['+1', '+2', '+3']]); // prettier-ignore
  });

  test('goes through a wrapped function, merge and groupBy', async () => {
    const [a, b, c] = [noted([1, 2]), noted([1, 2]), noted([1, 2, 3])];
    await stream(a.events).map(tenfold.with({ pool })).toArray();
    await merge(b.events, stream([5])).toArray();
    await stream(c.events)
      .groupBy((n) => n % 2)
      .map(async (n) => n)
      .forEach(() => undefined);

    expect([a.log, b.log, c.log.toSorted()]).toEqual([['+1', '+2'], ['+1', '+2'], ['+1', '+2', '+3']]); // prettier-ignore
  });

  test('whose thread has died is not acknowledged, and those after it are handed back in order', async () => {
    await using own = new ThreadPool({ size: 1 });
    const { events, log } = noted([0, 1, 2, 3, 4]);
    const { list, thrown } = await untilThrown(stream(events).map(mortal.with({ pool: own })));

    expect([list, thrown]).toEqual([[0, 1], coded('ERR_OFFLOOP_WORKER_EXIT')]);
    expect(log).toEqual(['+0', '+1', '-2', '-3', '-4']);
  });
});

describe('an error', () => {
  const run = async (options: StreamOptions): Promise<{ list: unknown[]; thrown: unknown; log: string[] }> => {
    const { events, log } = noted([1, 2, 3]);
    return { ...(await untilThrown(stream(events, options).map(two))), log };
  };

  test("with 'stop' ends the stream, and acknowledges nothing", async () => {
    expect(await run({})).toEqual({ list: [1], thrown: new Error('two'), log: ['+1', '-2'] });
  });

  test("with 'nack' hands the event back and goes on", async () => {
    expect(await run({ onError: 'nack' })).toEqual({ list: [1, 3], thrown: undefined, log: ['+1', '-2', '+3'] });
  });

  test("with 'ack' counts it as dealt with and goes on", async () => {
    expect(await run({ onError: 'ack' })).toEqual({ list: [1, 3], thrown: undefined, log: ['+1', '+2', '+3'] });
  });

  test("with 'skip' sends it to the dead letters and goes on", async () => {
    const dead = channel<number>();
    const result = await run({ onError: 'skip', deadLetter: dead });
    dead.end();

    expect(result).toEqual({ list: [1, 3], thrown: undefined, log: ['+1', '+2', '+3'] });
    expect(await stream(dead).items().toArray()).toEqual([['key 2', 2]]);
  });

  test('leaves nothing behind of an item that went to wrapped dead letters', async () => {
    const deadLetter = tenfold.with({ pool });
    const it = stream(recordedItems(), { onError: 'skip', deadLetter }).filter((n) => {
      if (n % 500 > 0) throw new Error('broken');
      return true;
    });
    for (let n = 0; n < 2; n += 1) await it.next();
    const before = await heapInUse();
    for (let n = 0; n < 4; n += 1) await it.next();

    expect((await heapInUse()) - before).toBeLessThan(2_000_000);
    await it.close();
  });

  test('of the dead letters stops the stream', async () => {
    const deadLetter = (): never => {
      throw new Error('full');
    };

    expect(await run({ onError: 'skip', deadLetter })).toMatchObject({ thrown: new Error('full'), log: ['+1', '-2'] });
  });

  test.each([{ concurrency: 2 }, { concurrency: 2, ordered: false }])(
    'is treated in a window %o as well',
    async (how) => {
      const { events, log } = noted([1, 2, 3]);

      expect(await stream(events, { onError: 'nack' }).map(async (n) => two(n), how).toArray()).toEqual([1, 3]); // prettier-ignore
      expect(log.toSorted()).toEqual(['+1', '+3', '-2']);
    },
  );

  test("of an item that comes with no event stops the stream with 'nack', since nobody could have it back", async () => {
    const result = await untilThrown(stream([1, 2, 3], { onError: 'nack' }).map(two));

    expect(result).toEqual({ list: [1], thrown: new Error('two') });
    expect(await stream([1, 2, 3], { onError: 'ack' }).map(two).toArray()).toEqual([1, 3]); // prettier-ignore
  });

  test('of a flatMap is that of the item it was made of', async () => {
    const { events, log } = noted([1, 2, 3]);
    const list = await stream(events, { onError: 'ack' })
      .flatMap(function* (n) {
        yield n;
        yield two(n);
      })
      .toArray();

    expect([list, log]).toEqual([[1, 1, 2, 3, 3], ['+2', '+1', '+3']]); // prettier-ignore
  });

  test('of a source that is told how it ended comes up in the stream', async () => {
    const events = [1, 2, 3].map(
      (n) => new StreamEvent(n, { settle: async () => (n === 1 ? Promise.reject(new Error('broker')) : undefined) }),
    );
    const it = stream(events);
    await it.next();
    await it.next();
    await new Promise((resolve) => setImmediate(resolve));

    await expect(it.next()).rejects.toThrow('broker');
  });
});

describe('eventsOf', () => {
  test('delivers what was handed back again, before what is new', async () => {
    const attempts: string[] = [];
    const source = eventsOf([1, 2, 3], { key: (n) => n * 10 });
    const list = await stream(source, { onError: 'nack' })
      .events()
      .map(({ value, attempt, key }) => {
        attempts.push(`${value}.${attempt}`);
        if (value === 2 && attempt < 3) throw new Error('not yet');
        return key;
      })
      .toArray();

    expect([list, attempts]).toEqual([[10, 20, 30], ['1.1', '2.1', '2.2', '2.3', '3.1']]); // prettier-ignore
  });

  test('keeps nothing of what it delivers again while its items are silent', async () => {
    const called = { times: 0 };
    async function* numbersThenSilence(): AsyncGenerator<number> {
      yield* [1, 2];
      yield* silent();
    }
    const failing = stream(eventsOf(numbersThenSilence()), { onError: 'nack' }).map(
      async (n) => {
        called.times += 1;
        if (called.times % 64 === 0) await turn();
        if (n === 1) throw new Error('again');
      },
      { concurrency: 3 },
    );
    const running = failing.forEach(() => undefined);
    const until = async (count: number): Promise<number> => {
      while (called.times < count) await turn();
      return heapInUse();
    };
    const before = await until(5000);

    expect((await until(25_000)) - before).toBeLessThan(1_000_000);
    await failing.close();
    await running;
  });

  test('gives one that has failed too often to the dead letters, or stops', async () => {
    const dead: number[] = [];
    const deadLetter = (n: number): void => void dead.push(n);
    const source = (): AsyncIterable<StreamEvent<number>> => eventsOf([1, 2, 3]);

    expect(await stream(source(), { onError: 'nack', maxDeliver: 3, deadLetter }).map(two).toArray()).toEqual([1, 3]); // prettier-ignore
    expect(dead).toEqual([2]);
    expect(await untilThrown(stream(source(), { onError: 'nack', maxDeliver: 3 }).map(two))).toEqual({
      list: [1],
      thrown: new Error('two'),
    });
  });

  test('commits the end of what was acknowledged without a gap', async () => {
    const commits: number[] = [];
    const source = eventsOf([0, 1, 2, 3], { commit: (count) => commits.push(count) });
    const events = await stream(source, { ack: 'manual' }).events().toArray();
    for (const i of [1, 0, 3]) await events[i]?.ack();
    expect(commits).toEqual([2]);
    await events[2]?.ack();

    expect(commits).toEqual([2, 4]);
  });

  test('closes its items, and commits nothing of what was handed back', async () => {
    const items = recordedItems();
    const commits: number[] = [];
    for await (const n of stream(eventsOf(items, { commit: (count) => commits.push(count) }))) if (n === 2) break;

    expect([items.isClosed, commits]).toEqual([true, [1, 2]]);
  });

  test('delivers again while the next item has not come', async () => {
    const input = channel<number>();
    const it = stream(eventsOf(stream(input)), { ack: 'manual' }).events();
    await input.send(1);
    const first = (await it.next()).value;
    const next = it.next();
    await first?.nack();

    expect((await next).value).toMatchObject({ value: 1, attempt: 2 });
    await it.close();
  });

  test('that is over gets nothing back: its item goes to the dead letters, or stops the stream', async () => {
    const dead: number[] = [];
    const commits: number[] = [];
    const run = (options: StreamOptions): Stream<number> => {
      const ended = later();
      async function* items(): AsyncGenerator<number> {
        yield* [1, 2, 3];
        ended.resolve();
      }
      return stream(eventsOf(items(), { commit: (count) => commits.push(count) }), options).map(
        async (n) => {
          await ended.promise;
          await turn();
          return two(n);
        },
        { concurrency: 5 },
      );
    };

    expect(await run({ onError: 'nack', deadLetter: (n: number) => dead.push(n) }).toArray()).toEqual([1, 3]);
    expect([dead, commits.at(-1)]).toEqual([[2], 3]);
    expect(await untilThrown(run({ onError: 'nack' }))).toEqual({ list: [1], thrown: new Error('two') });
  });

  test.each<[string, { key?: () => never; headers?: () => never }, (n: number) => unknown]>([
    [
      'its key throws',
      {
        key: () => {
          throw new Error('no event');
        },
      },
      (n) => n,
    ],
    ['its headers are none', { headers: () => 5 as never }, (n) => n],
    ['it is a promise that rejects', {}, async () => Promise.reject(new Error('no event'))],
  ])('closes its items where there is no event for one: %s', async (_, options, make) => {
    const items = recordedItems(3, make);

    await expect(stream(eventsOf(items, options)).next()).rejects.toThrow();
    expect(items.isClosed).toBe(true);
  });

  test('tells of an error of its items that comes while one is delivered again', async () => {
    const input = channel<number>();
    const events = eventsOf(stream(input))[Symbol.asyncIterator]();
    await input.send(1);
    const { value: first } = await events.next();
    const next = events.next();
    await first?.nack();
    await (await next).value?.ack();
    input.end(new Error('input'));
    await turn();

    await expect(events.next()).rejects.toThrow('input');
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  test('is closed while a generator awaits an item', async () => {
    const events = stream(eventsOf(silent()));
    const next = events.next();
    await events.close();

    expect(await next).toEqual({ value: undefined, done: true });
  });
});

test.each([
  [[1, 2, 3, 4, 5, 6, 7, 9], 0],
  [[0, 1, 2, 4], 3],
  [[0], 1],
  [[2, 1, 0, 0, 2], 3],
])('a run of %o ends at %i', (acks, end) => {
  const run = new AckRun();
  for (const number of acks) run.ack(number);

  expect(run.position).toBe(end);
});

test(
  'nothing is committed past what was not dealt with, and nothing is settled twice',
  { timeout: 60_000 },
  async () => {
    const stage = fc.constantFrom('map', 'filter', 'flatMap', 'window', 'unordered', 'group', 'batch');
    const plan = fc.record({
      length: fc.nat(25),
      stages: fc.array(stage, { maxLength: 4 }),
      poison: fc.nat(8),
      onError: fc.constantFrom<'stop' | 'nack' | 'ack'>('stop', 'nack', 'ack'),
      takes: fc.nat(30),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ length, stages, poison, onError, takes }) => {
        const settled = new Map<number, string[]>();
        const commits: number[] = [];
        const through = new Set<number>();
        const inner = eventsOf(
          Array.from({ length }, (_, n) => n),
          { commit: (count) => commits.push(count) },
        );
        const watched = stream(inner, { ack: 'manual' })
          .events()
          .map((event) => {
            const list: string[] = [];
            settled.set(event.value, list);
            return new StreamEvent(event.value, {
              settle: (outcome) => {
                list.push(outcome);
                if (outcome === 'ack') through.add(event.value);
                return event.settle(outcome);
              },
            });
          });
        const fails = (n: number): number => {
          if (poison > 0 && n % 9 === poison) throw new Error('poison');
          return n;
        };
        const slow = async (n: number): Promise<number> => {
          for (let i = 0; i < n % 4; i += 1) await Promise.resolve();
          return fails(n);
        };
        const end = stages.reduce(
          (of, kind) => {
            if (kind === 'map') return of.map(fails);
            if (kind === 'filter') return of.filter((n) => n % 3 !== 0);
            if (kind === 'flatMap') return of.flatMap((n) => Array.from({ length: n % 3 }, () => n));
            if (kind === 'window') return of.map(slow, { concurrency: 3 });
            if (kind === 'unordered') return of.map(slow, { concurrency: 3, ordered: false });
            if (kind === 'group')
              return of
                .groupBy((n) => n % 5, { maxSize: 4 })
                .map(slow)
                .take(Infinity);
            return of.batch(2).flatMap((batch) => batch);
          },
          stream(watched, { onError, maxDeliver: 1 }).take(Infinity),
        );
        let taken = 0;
        try {
          for await (const _ of end) if ((taken += 1) > takes) break;
        } catch (error) {
          expect(error).toEqual(new Error('poison'));
        }
        // Each was settled once, and the commits went up to a number below which all were acknowledged.
        for (const list of settled.values()) expect(list).toHaveLength(1);
        expect(commits).toEqual(commits.toSorted((a, b) => a - b));
        const last = commits.at(-1) ?? 0;
        for (let n = 0; n < last; n += 1) expect(through.has(n)).toBe(true);
        if (!through.has(last) || last === length) expect(through.has(last)).toBe(false);
      }),
      { numRuns: 300 },
    );
  },
);
