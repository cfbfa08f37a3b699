import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { ThreadPool } from 'offloop';
import { agent, channel, eventsOf, stream, StreamEvent, threadEvents } from 'offloop/streams';
import type { OnError, Outcome, StageOptions, Stream } from 'offloop/streams';
import { afterAll, describe, expect, test } from 'vitest';
import { byHand, crunch, mortal, passing, running, tenfold } from '../fixtures/jobs/streamed.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { items } from '../support/items.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const pool = new ThreadPool({ size: 2 });
afterAll(async () => pool.close());

/** Numbers as events, and how they ended. */
function noted(length: number): { events: StreamEvent<number, number>[]; log: string[] } {
  const log: string[] = [];
  const events = Array.from(
    { length },
    (_, n) =>
      new StreamEvent<number, number>(n, {
        key: n,
        settle: (outcome) => log.push(`${outcome === 'ack' ? '+' : '-'}${n}`),
      }),
  );
  return { events, log };
}

describe('an agent', () => {
  test('runs its body over the items of its source, and sends what it yields to its sinks in order', async () => {
    const order: string[] = [];
    const results = channel<number>();
    const doubled = agent(
      [1, 2, 3],
      async function* (numbers) {
        for await (const n of numbers) yield n * 2;
      },
      { sinks: [async (n) => void order.push(`first ${n}`), (n) => order.push(`second ${n}`), results] },
    );
    await doubled.done;
    results.end();

    expect(order).toEqual(['first 2', 'second 2', 'first 4', 'second 4', 'first 6', 'second 6']);
    expect(await stream(results).toArray()).toEqual([2, 4, 6]);
    expect(doubled.stats()).toMatchObject({ received: 3, results: 3, failed: 0, restarts: 0, waiting: 0 });
  });

  test('needs not yield; then it has no sinks', async () => {
    const seen: number[] = [];
    await agent([1, 2], async (numbers) => {
      for await (const n of numbers) seen.push(n);
    }).done;

    expect(seen).toEqual([1, 2]);
    expect(() => agent([1], async () => undefined, { sinks: [() => undefined] })).toThrow(
      coded('ERR_OFFLOOP_ARGUMENT'),
    );
    // oxlint-disable-next-line typescript/promise-function-async
    const late = agent([1], () => Promise.resolve(), { sinks: [() => undefined] });
    await expect(late.done).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('takes what is cast, and answers what is asked', async () => {
    await using lengths = agent(channel<string>(), async function* (texts) {
      for await (const text of texts) {
        if (text === 'fails') throw new RangeError(text);
        if (text !== 'silent') yield text.length;
      }
    });
    await lengths.cast('cast');

    expect(await lengths.ask('four')).toBe(4);
    expect(await lengths.ask('silent')).toBe(undefined);
    expect(await lengths.map(['a', 'bb', 'ccc']).toArray()).toEqual([1, 2, 3]);
    expect(lengths.stats()).toMatchObject({ received: 6, results: 5, asks: 0 });
  });

  test('may have no source, and takes nothing once it is closed', async () => {
    const sums = agent(undefined as undefined | number[], async function* (numbers) {
      for await (const n of numbers) yield n + 1;
    });
    expect(await sums.ask(1)).toBe(2);
    await sums.close();

    await expect(sums.ask(1)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await expect(sums.cast(1)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    await sums.done;
  });

  test('runs no body if it was closed, or its signal aborted, before it began', async () => {
    const taken: unknown[] = [];
    async function* body(numbers: Stream<number>): AsyncGenerator<number> {
      yield 0;
      yield* numbers;
    }
    const sinks = [(n: number): unknown => taken.push(n)];
    const source = items();
    await agent(source, body, { sinks }).close();
    await expect(agent([1], body, { sinks, signal: AbortSignal.abort('no') }).done).rejects.toBe('no');

    expect([taken, source.pulled, source.isClosed]).toEqual([[], 0, false]);
  });

  test('refuses what waits for room when it is closed', async () => {
    for (const hasBegun of [false, true]) {
      let goOn: (() => void) | undefined;
      const busy = new Promise<void>((resolve) => (goOn = resolve));
      const numbers = agent<number>(undefined, async (all) => all.forEach(async () => busy), { maxSize: 1 });
      if (hasBegun) await numbers.cast(0);
      const casts = Array.from({ length: 9 }, async (_, n) => numbers.cast(n));
      const ended = Promise.allSettled([...casts, numbers.ask(9)]);
      if (hasBegun) await turn();
      const closing = numbers.close();
      goOn?.();
      await closing;

      expect((await ended).slice(-2)).toEqual(
        Array.from({ length: 2 }, () => ({ status: 'rejected', reason: coded('ERR_OFFLOOP_CLOSED') })),
      );
    }
  });

  test('refuses options of an item that are none, and to ask for what is not iterable, at once', async () => {
    const numbers = agent<number>(undefined, async (all) => all.forEach(() => undefined));
    for (const options of [null, 5, 'key', new Map(), { keys: 1 }]) {
      await expect(numbers.cast(1, options as never)).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
      await expect(numbers.ask(1, options as never)).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    }
    for (const values of [5, 'text', undefined])
      expect(() => numbers.map(values as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    for (const [them, settle] of [
      [5, () => 1],
      [[], undefined],
    ])
      // prettier-ignore
      expect(() => threadEvents(them as never, settle as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    await numbers.close();
  });

  test('acknowledges an item when its body moves on', async () => {
    const { events, log } = noted(3);
    const seen: string[][] = [];
    await agent(events, async (numbers) => {
      for await (const _ of numbers) seen.push([...log]);
    }).done;

    expect(seen).toEqual([[], ['+0'], ['+0', '+1']]);
    expect(log).toEqual(['+0', '+1', '+2']);
  });

  test.each([2, 10, 100])('with concurrency %i gives its bodies the items in turns', async (concurrency) => {
    const counts = new Map<number, number[]>();
    let bodies = 0;
    await agent(
      items(concurrency * 5),
      async (numbers) => {
        const id = bodies++;
        for await (const n of numbers) counts.set(id, [...(counts.get(id) ?? []), n]);
      },
      { concurrency },
    ).done;

    expect(counts.size).toBe(concurrency);
    for (const [id, list] of counts) expect(list).toEqual([0, 1, 2, 3, 4].map((i) => i * concurrency + id));
  });

  test('with keyBy keeps the items of a key in one body, in order', async () => {
    const bodies = new Map<number, number[]>();
    let count = 0;
    await agent(
      items(60, (n) => ({ key: n % 7, n })),
      async (orders) => {
        const id = count++;
        for await (const { key, n } of orders) {
          await new Promise((resolve) => setImmediate(resolve));
          bodies.set(id, [...(bodies.get(id) ?? []), key * 100 + n]);
        }
      },
      { concurrency: 3, keyBy: 'key' },
    ).done;
    const all = [...bodies.values()];

    expect(all.flat()).toHaveLength(60);
    for (let key = 0; key < 7; key += 1) {
      const having = all.filter((list) => list.some((code) => Math.floor(code / 100) === key));
      expect(having).toHaveLength(1);
    }
  });

  test('ends when its body does, and hands back what is left', async () => {
    const { events, log } = noted(4);
    await agent(events, async (numbers) => {
      for await (const n of numbers) if (n === 1) return;
    }).done;

    expect(log.slice(0, 2)).toEqual(['+0', '+1']);
    expect(log.slice(2).every((entry) => entry.startsWith('-'))).toBe(true);
  });

  test('lets its body end what it has in hand when it is closed, and hands back the others', async () => {
    const { events, log } = noted(4);
    let isInside!: () => void;
    const inside = new Promise<void>((resolve) => (isInside = resolve));
    let goOn!: () => void;
    const on = new Promise<void>((resolve) => (goOn = resolve));
    const it = agent(events, async (numbers) => {
      for await (const n of numbers) {
        if (n !== 1) continue;
        isInside();
        await on;
      }
    });
    await inside;
    const closing = it.close();
    goOn();
    await closing;

    expect(log.toSorted()).toEqual(['+0', '+1', '-2', '-3']);
  });

  test('ends by its signal', async () => {
    const controller = new AbortController();
    const source = channel<number>();
    const it = agent(source, async (numbers) => numbers.forEach(() => undefined), { signal: controller.signal });
    const asked = it.ask(1);
    expect(await asked).toBe(undefined);
    controller.abort('enough');

    await expect(it.done).rejects.toBe('enough');
    expect(source.subscribers).toBe(0);
    await expect(agent([1], async () => undefined, { signal: AbortSignal.abort('before') }).done).rejects.toBe(
      'before',
    );
  });

  test('closes its source when that fails, and tells of it', async () => {
    const failing = items(3, (n) => {
      if (n === 2) throw new Error('source');
      return n;
    });

    await expect(agent(failing, async (numbers) => numbers.forEach(() => undefined)).done).rejects.toThrow('source');
  });

  test('refuses options that there are not', () => {
    const body = async (): Promise<void> => undefined;

    expect(() => agent([1], body, { thread: 'pool' } as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    for (const concurrency of [0, 1e9])
      expect(() => agent([1], body, { concurrency })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => agent([1], body, { supervise: { times: 1 } as never })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => agent([1], body, { onError: 'skip' })).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => agent(1 as never, body)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => agent([1], 1 as never)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});

describe('an agent whose body fails', () => {
  /** Fails for 1. */
  const failing = (
    onError: OnError,
    more: object = {},
  ): { log: string[]; seen: number[]; it: ReturnType<typeof agent> } => {
    const { events, log } = noted(3);
    const seen: number[] = [];
    const it = agent(
      events,
      async (numbers) => {
        for await (const n of numbers) {
          if (n === 1) throw new Error('one');
          seen.push(n);
        }
      },
      { onError, ...more },
    );
    return { log, seen, it };
  };

  test("stops with 'stop': done rejects, and nothing more is acknowledged", async () => {
    const { log, seen, it } = failing('stop');

    await expect(it.done).rejects.toThrow('one');
    expect([log.slice(0, 1), log.slice(1).toSorted(), seen]).toEqual([['+0'], ['-1', '-2'], [0]]);
    expect(it.stats()).toMatchObject({ restarts: 0 });
  });

  test.each([
    ['nack', '-1'],
    ['ack', '+1'],
  ] as const)("goes on with '%s'", async (onError, settled) => {
    const { log, seen, it } = failing(onError);
    await it.done;

    expect([log, seen]).toEqual([
      ['+0', settled, '+2'],
      [0, 2],
    ]);
    expect(it.stats()).toMatchObject({ failed: 1, restarts: 1 });
  });

  test("sends the item to the dead letters with 'skip'", async () => {
    const dead: unknown[] = [];
    const { log, it } = failing('skip', { deadLetter: (n: number) => dead.push(n) });
    await it.done;

    expect([log, dead]).toEqual([['+0', '+1', '+2'], [1]]);
  });

  test.each(['body', 'key'])(
    'hands back all, and tells of the error of its %s, if a source takes none back',
    async (what) => {
      const log: string[] = [];
      const settle = (n: number) => async (outcome: Outcome) => {
        log.push(`${outcome} ${n}`);
        if (outcome === 'nack') throw new Error('broker');
      };
      const fail = (): never => {
        throw new Error(what);
      };
      const events = [1, 2, 3, 4].map((n) => new StreamEvent(n, { settle: settle(n) }));
      const failing = agent(
        events,
        async (all) => {
          await all.batch(4).forEach(what === 'body' ? fail : () => undefined);
        },
        { keyBy: (n) => (what === 'key' && n === 2 ? fail() : 1) },
      );
      const asked = failing.ask(5);
      asked.catch(() => undefined);

      await expect(failing.done).rejects.toThrow(what);
      await expect(asked).rejects.toThrow(what);
      expect(log).toEqual(what === 'body' ? [1, 2, 3, 4].map((n) => `nack ${n}`) : ['nack 2', 'ack 1']);
    },
  );

  test('tells when it is closed that a source does not take an item back', async () => {
    const settle = async (outcome: Outcome): Promise<void> => {
      if (outcome === 'nack') throw new Error('broker');
    };
    let closing: Promise<void> | undefined;
    const numbers = agent(
      [1, 2, 3, 4].map((n) => new StreamEvent(n, { settle })),
      async (all) =>
        all.forEach(() => {
          closing = numbers.close();
          closing.catch(() => undefined);
        }),
    );

    await expect(numbers.done).rejects.toThrow('broker');
    await expect(closing).rejects.toThrow('broker');
  });

  test('is run anew as often as supervise says, and stops then', async () => {
    const { log, it } = failing('ack', { supervise: { maxRestarts: 0 } });

    await expect(it.done).rejects.toThrow('one');
    expect([log.slice(0, 1), log.slice(1).toSorted()]).toEqual([['+0'], ['-1', '-2']]);
    expect(() => agent([1], async () => undefined, { supervise: { maxRestarts: -1 } })).toThrow();
  });

  test('without an item in hand stops', async () => {
    const it = agent(
      [1],
      async () => {
        throw new Error('at once');
      },
      { onError: 'ack' },
    );

    await expect(it.done).rejects.toThrow('at once');
  });

  test('rejects what was asked', async () => {
    const body = async function* (numbers: AsyncIterable<number>): AsyncGenerator<number> {
      for await (const n of numbers) {
        if (n < 0) throw new RangeError('negative');
        yield n;
      }
    };
    await using goesOn = agent(channel<number>(), body, { onError: 'ack' });
    await expect(goesOn.ask(-1)).rejects.toThrow(RangeError);
    expect(await goesOn.ask(2)).toBe(2);

    const stops = agent(channel<number>(), body);
    const [first, second] = [stops.ask(-1), stops.ask(1)];
    await expect(first).rejects.toThrow(RangeError);
    await expect(second).rejects.toThrow(RangeError);
    await expect(stops.done).rejects.toThrow(RangeError);
  });

  test('loses nothing that its stream had asked for when it failed', async () => {
    const source = channel<number>();
    const seen: number[] = [];
    const it = agent(
      source,
      async (numbers) => {
        for await (const n of numbers.map(async (n) => n, { concurrency: 3 })) {
          if (n % 2 === 1) throw new Error('odd');
          seen.push(n);
        }
      },
      { onError: 'ack' },
    );
    for (let n = 0; n < 9; n += 1) {
      await source.send(n, { key: n });
      await new Promise((resolve) => setImmediate(resolve));
    }
    source.end();
    await it.done;

    expect([seen, it.stats().restarts]).toEqual([[0, 2, 4, 6, 8], 4]);
  });

  test.each<[OnError, number[], number[]]>([
    ['ack', [], [1, 2, 3]],
    ['skip', [2], [1, 2, 3]],
    ['nack', [2], [1, 2, 3]],
  ])('treats an item whose key cannot be had as one that has failed: %s', async (onError, dead, commits) => {
    const deadLetter = channel<number>();
    const committed: number[] = [];
    const seen: number[] = [];
    const it = agent(
      eventsOf([1, 2, 3], { commit: (count) => committed.push(count) }),
      async (numbers) => numbers.forEach((n) => seen.push(n)),
      {
        keyBy: (n) => {
          if (n === 2) throw new Error('no key');
          return n;
        },
        onError,
        deadLetter,
        maxDeliver: 2,
      },
    );
    await it.done;
    deadLetter.end();

    expect([seen, await stream(deadLetter).toArray(), committed.at(-1)]).toEqual([[1, 3], dead, commits.at(-1)]);
    expect(it.stats().failed).toBe(onError === 'nack' ? 2 : 1);
  });

  test('rejects what was asked with a key that cannot be had', async () => {
    await using it = agent(
      undefined,
      async function* (numbers: Stream<number>) {
        yield* numbers;
      },
      { keyBy: () => ({}), onError: 'ack' },
    );

    await expect(it.ask(1)).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test.each<[string, (value: unknown) => unknown]>([
    ['plain', String],
    ['async', async () => undefined],
    ['a generator', function* () {}],
  ])('is refused where it is a function of one item: %s', async (_, fn) => {
    const it = agent([1, 2], fn as never);

    await expect(it.done).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test.each<[string, StageOptions]>([
    ['one by one', {}],
    ['several at once', { concurrency: 3 }],
  ])('in an operator of its stream has failed for that item: %s', async (_, options) => {
    const dead: number[] = [];
    const seen: number[] = [];
    const commits: number[] = [];
    await agent(
      eventsOf([1, 2, 3, 4], { commit: (count) => commits.push(count) }),
      async (numbers) =>
        numbers
          .map(async (n) => {
            await Promise.resolve();
            if (n === 2) throw new Error('two');
            return n;
          }, options)
          .forEach((n) => seen.push(n)),
      { onError: 'skip', deadLetter: (n: number) => dead.push(n) },
    ).done;

    expect([seen, dead, commits.at(-1)]).toEqual([[1, 3, 4], [2], 4]);
  });

  test('hands back an item whose key is none', async () => {
    const { events, log } = noted(2);

    await expect(agent(events, async () => undefined, { keyBy: () => ({}) }).done).rejects.toThrow(
      coded('ERR_OFFLOOP_ARGUMENT'),
    );
    expect(log).toEqual(['-0']);
  });

  test('with nack is delivered again also what comes from a source that is over', async () => {
    const commits: number[] = [];
    const attempts: string[] = [];
    const source = eventsOf([1, 2, 3], { commit: (count) => commits.push(count) });
    await agent(
      source,
      async (numbers) => {
        for await (const { value, attempt } of numbers.events()) {
          attempts.push(`${value}.${attempt}`);
          if (value === 2 && attempt < 3) throw new Error('not yet');
        }
      },
      { onError: 'nack' },
    ).done;

    expect(attempts).toEqual(['1.1', '2.1', '2.2', '2.3', '3.1']);
    expect(commits.at(-1)).toBe(3);
  });

  test('with nack goes on where there is no room for what is handed back', async () => {
    let times = 0;
    await using it = agent(
      undefined,
      async function* (numbers: Stream<number>) {
        for await (const n of numbers) {
          if (n === 1 && (times += 1) < 3) throw new Error('not yet');
          yield n;
        }
      },
      { onError: 'nack', maxSize: 1 },
    );

    expect(await Promise.all([1, 2, 3, 4, 5].map(async (n) => it.ask(n)))).toEqual([1, 2, 3, 4, 5]);
  });

  test('is delivered again what was asked, with nack', async () => {
    let times = 0;
    await using it = agent(
      channel<number>(),
      async function* (numbers) {
        for await (const n of numbers) {
          times += 1;
          if (times < 3) throw new Error('not yet');
          yield n;
        }
      },
      { onError: 'nack' },
    );

    expect(await it.ask(7)).toBe(7);
    expect(times).toBe(3);
  });
});

test('an agent starts where it was made, and in no thread that loads its module', async () => {
  const folder = project({
    'jobs.mjs': `
      import { threaded } from 'offloop';
      import { agent } from 'offloop/streams';
      export const twice = threaded(function twice(n) { return 2 * n; });
      export const printing = agent([1, 2], async (numbers) => numbers.forEach((n) => console.log('item', n)));
    `,
    'main.mjs': `
      import { printing, twice } from './jobs.mjs';
      await printing.done;
      console.log(await twice(3), await twice(4));
    `,
  });
  const { lines, stderr, code } = await run(`${folder}/main.mjs`);

  expect({ lines, stderr, code }).toEqual({ lines: ['item 1', 'item 2', '6 8'], stderr: '', code: 0 });
});

describe('an agent of a wrapped function', () => {
  test('commits nothing past an item that is to be delivered again', async () => {
    const log: unknown[] = [];
    await agent(eventsOf([1, -2, 3], { commit: (count) => log.push(count) }), tenfold.with({ pool }), {
      onError: 'nack',
      maxDeliver: 2,
      deadLetter: (n: number) => log.push(`dead ${n}`),
    }).done;

    expect([log[0], log[1], log.at(-1)]).toEqual([1, 'dead -2', 3]);
  });

  test('calls it for each item, and answers with what it returns', async () => {
    const results: number[] = [];
    const source = channel<number>();
    await using it = agent(source, tenfold.with({ pool }), { concurrency: 2, sinks: [(n) => results.push(n)] });

    expect(await it.ask(1)).toBe(10);
    await source.send(2);
    expect(await it.map([3, 4]).toArray()).toEqual([30, 40]);
    expect(results).toEqual([10, 20, 30, 40]);
  });

  test('acknowledges what it has dealt with, and treats what it fails for alone', async () => {
    const log: string[] = [];
    const events = [1, -1, 2].map((n) => new StreamEvent(n, { settle: (outcome) => log.push(`${outcome} ${n}`) }));
    await agent(events, tenfold.with({ pool }), { onError: 'nack' }).done;

    expect(log).toEqual(['ack 1', 'nack -1', 'ack 2']);
  });

  test('loses no item when its thread dies', async () => {
    await using own = new ThreadPool({ size: 1 });
    const commits: number[] = [];
    const source = eventsOf([0, 1, 2, 3], { commit: (count) => commits.push(count) });
    const it = agent(source, mortal.with({ pool: own }), { concurrency: 1 });

    await expect(it.done).rejects.toThrow(coded('ERR_OFFLOOP_WORKER_EXIT'));
    expect(commits).toEqual([1, 2]);
  });
});

describe('an agent of a wrapped generator', () => {
  test('gives it the items in its thread, and the results to the sinks', async () => {
    const results: number[] = [];
    const { events, log } = noted(200);
    await agent(events, crunch.with({ pool }), { sinks: [(n: number) => results.push(n)] }).done;

    expect(results).toEqual(Array.from({ length: 200 }, (_, n) => n * 100));
    expect(log).toEqual(Array.from({ length: 200 }, (_, n) => `+${n}`));
  });

  test('acknowledges an item when the thread asks for the next one, not before', async () => {
    const it = gate();
    const { events, log } = noted(3);
    const source = stream(events).map((n): [number, Int32Array] => [n, it]);
    const agentOfRunning = agent(source, running.with({ pool }));
    await reaches(it, 1, 2);
    // It has the second item in hand, and has asked for it.
    while (log.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['+0']);
    open(it);
    await agentOfRunning.done;

    expect(log).toEqual(['+0', '+1', '+2']);
  });

  test('hands back the item in hand when it throws, and those that it had not begun', async () => {
    const { events, log } = noted(20);
    const source = stream(events).map((n) => (n === 3 ? -1 : n));

    await expect(agent(source, crunch.with({ pool })).done).rejects.toThrow(RangeError);
    expect(log.slice(0, 3)).toEqual(['+0', '+1', '+2']);
    expect(log.slice(3).toSorted()).toEqual(Array.from({ length: 17 }, (_, i) => `-${i + 3}`).toSorted());
  });

  test('is run anew over what it had not begun', async () => {
    const { events, log } = noted(20);
    const results: number[] = [];
    const source = stream(events).map((n) => (n === 3 ? -1 : n));
    await agent(source, crunch.with({ pool }), { onError: 'nack', sinks: [(n: number) => results.push(n)] }).done;

    expect(log).toEqual(Array.from({ length: 20 }, (_, n) => (n === 3 ? '-3' : `+${n}`)));
    expect(results).toEqual(Array.from({ length: 20 }, (_, n) => n * 100).filter((n) => n !== 300));
  });

  test('lets the thread acknowledge and hand back by hand', async () => {
    const { events, log } = noted(5);
    const results: unknown[] = [];
    await agent(events, byHand.with({ pool }), { ack: 'manual', sinks: [(it: unknown) => results.push(it)] }).done;

    expect(log).toEqual(['+0', '-1', '+2', '-3', '+4']);
    expect(results).toEqual([0, 1, 2, 3, 4].map((n) => [n, n]));
  });

  test('commits nothing past the item at which its thread has died, and starts anew if it may', async () => {
    await using own = new ThreadPool({ size: 1 });
    const commits: number[] = [];
    const commit = (count: number): void => void commits.push(count);
    const died = agent(eventsOf([0, 1, 2, 3], { commit }), passing.with({ pool: own }));
    await expect(died.done).rejects.toThrow(coded('ERR_OFFLOOP_WORKER_EXIT'));
    expect(commits).toEqual([1, 2]);

    commits.length = 0;
    const goesOn = agent(eventsOf([0, 1, 2, 3, 4], { commit }), passing.with({ pool: own }), { onError: 'ack' });
    await goesOn.done;
    expect([commits.at(-1), goesOn.stats().restarts]).toEqual([5, 1]);
  });

  test('cannot be asked', async () => {
    await using it = agent(channel<number>(), crunch.with({ pool }));

    await expect(it.ask(1)).rejects.toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    expect(() => it.map([1])).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });
});

test('an agent settles every item once, and commits nothing past one that it has not dealt with', async () => {
  const plan = fc.record({
    length: fc.nat(20),
    poison: fc.nat(8),
    onError: fc.constantFrom<OnError>('stop', 'nack', 'ack'),
    concurrency: fc.integer({ min: 1, max: 4 }),
    ends: fc.nat(30),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ length, poison, onError, concurrency, ends }) => {
      const { events, log } = noted(length);
      let count = 0;
      const it = agent(
        events,
        async (numbers) => {
          for await (const n of numbers) {
            for (let i = 0; i < n % 3; i += 1) await Promise.resolve();
            if (poison > 0 && n % 9 === poison) throw new Error('poison');
            if ((count += 1) > ends) return;
          }
        },
        { onError, concurrency },
      );
      await it.done.catch((error: unknown) => expect(error).toEqual(new Error('poison')));
      const settled = log.map((entry) => Math.abs(Number(entry)));

      expect(new Set(settled).size).toBe(settled.length);
      if (onError !== 'stop' && count <= ends) expect(settled).toHaveLength(length);
    }),
    { numRuns: 200 },
  );
});
