/** Stages whose functions run in threads. @module */

import { MessagePort } from 'node:worker_threads';
import { offload, ThreadPool } from 'offloop';
import { stream } from 'offloop/streams';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  apart,
  atOnceOrNever,
  inTurn,
  isEven,
  mortal,
  plus,
  spread,
  tenfold,
  upTo,
  user,
  whose,
} from '../fixtures/jobs/streamed.mjs';
import { offLoop } from '../../src/wrappers/off-loop.ts';
import { gate, open, reaches } from '../support/gate.ts';
import { items, untilThrown } from '../support/items.ts';

const pool = new ThreadPool({ size: 2 });
afterAll(async () => pool.close());

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const path = offload(() => import('node:path'));

describe('a wrapped function', () => {
  test('of any operator runs in a thread, and results come in order', async () => {
    const inPool = { pool };

    expect(await stream([3, 1, 2]).map(tenfold.with(inPool)).toArray()).toEqual([30, 10, 20]);
    expect(await stream([1, 2, 3, 4]).filter(isEven.with(inPool)).toArray()).toEqual([2, 4]);
    expect(await stream([1, 2]).flatMap(spread.with(inPool)).toArray()).toEqual([1, 1, 2, 2]);
    expect(await stream([1, 2]).tap(tenfold.with(inPool)).toArray()).toEqual([1, 2]);
    expect(await stream([1, 2], { processors: [tenfold.with(inPool)] }).toArray()).toEqual([10, 20]);
    expect(await stream([1, 2, 3]).scan(plus.with(inPool)).toArray()).toEqual([1, 3, 6]);
    expect(await stream([1, 2, 3]).reduce(plus.with(inPool), 10)).toBe(16);
    expect(await stream([1, 2, 3]).find(isEven.with(inPool))).toBe(2);
    expect(await stream([1, 3]).some(isEven.with(inPool))).toBe(false);
    expect(await stream([2, 4]).every(isEven.with(inPool))).toBe(true);
    await stream([1]).forEach(tenfold.with(inPool));
  });

  test('may be of any kind: of the default pool, separate, a generator, of another module', async () => {
    expect(await stream([1, 2]).map(tenfold).toArray()).toEqual([10, 20]);
    expect(await stream([1, 2]).map(apart).toArray()).toEqual([2, 3]);
    expect(await stream([2, 1]).flatMap(upTo.with({ pool })).toArray()).toEqual([0, 1, 0]);
    const { dirname } = path;
    expect(await stream(['/a/b', '/c/d']).map(dirname, { concurrency: 2 }).toArray()).toEqual(['/a', '/c']);
  });

  test('sees the context of the first next()', async () => {
    const names = stream([1, 2]).map(whose.with({ pool }), { concurrency: 1 });
    const first = await user.run('Ada', async () => names.next());
    const second = await user.run('Bob', async () => names.next());

    expect([first.value, second.value]).toEqual(['Ada', 'Ada']);
  });

  test('is handed in as many items as concurrency says, and no more', async () => {
    const it = gate();
    const source = items(Infinity, (n): [number, Int32Array] => [n, it]);
    const results = stream(source).map(inTurn.with({ pool }), { concurrency: 4 });
    const first = results.next();
    await reaches(it, 1, 2);
    expect([source.pulled, Atomics.load(it, 1)]).toEqual([4, 2]);

    advance(it, 1);
    expect((await first).value).toBe(0);
    expect(source.pulled).toBe(4);
    advance(it, 100);
    expect((await results.next()).value).toBe(1);
    expect(source.pulled).toBe(5);
    await results.close();
    expect(source.isClosed).toBe(true);
  });

  test('never reads ahead with concurrency 1', async () => {
    const source = items();
    const results = stream(source).map(tenfold.with({ pool }), { concurrency: 1 });
    await results.next();

    expect(source.pulled).toBe(1);
    await results.next();
    expect(source.pulled).toBe(2);
    await results.close();
  });

  test('is handed in maxSize items where nothing else is said', async () => {
    const source = items();
    const results = stream(source, { maxSize: 3 }).map(tenfold.with({ pool }));
    await results.next();

    expect(source.pulled).toBe(3);
    await results.close();
  });

  test('gives results as they come with ordered: false', async () => {
    const it = gate();
    const free = gate();
    open(free);
    const source: [number, Int32Array][] = [
      [1, it],
      [0, free],
    ];
    const results = stream(source).map(inTurn.with({ pool }), { ordered: false });

    expect((await results.next()).value).toBe(0);
    advance(it, 2);
    expect((await results.next()).value).toBe(1);
    expect((await results.next()).done).toBe(true);
  });

  test('waits for room where its pool has a bound, and is never refused', async () => {
    await using bounded = new ThreadPool({ size: 1, maxQueue: 2 });
    const results = await stream(items(200))
      .map(tenfold.with({ pool: bounded }))
      .toArray();

    expect(results).toEqual(Array.from({ length: 200 }, (_, n) => 10 * n));
    expect(bounded.stats().failed).toBe(0);
  });

  test.each([
    [
      'a generator',
      (function* numbers() {
        for (let n = 0; n < 4000; n += 1) yield n;
      })(),
    ],
    [
      'an async generator',
      (async function* numbers() {
        for (let n = 0; n < 4000; n += 1) yield n;
      })(),
    ],
  ])('of microseconds shares messages, with items of %s', async (_, numbers) => {
    const short = tenfold.with({ pool });
    for (let i = 0; i < 5; i += 1) await Promise.all(Array.from({ length: 500 }, async (_, n) => short(n)));
    const posts = vi.spyOn(MessagePort.prototype, 'postMessage');
    const sum = await stream(numbers)
      .map(short, { concurrency: 256 })
      .reduce((a, b) => a + b, 0);
    const count = posts.mock.calls.length;
    posts.mockRestore();

    // Found: 43 to 288.
    expect({ sum, isFew: count < 2000 || count }).toEqual({ sum: 79_980_000, isFew: true });
  });

  test('hands in no item after the stream was closed, and its calls are aborted', async () => {
    await using own = new ThreadPool({ size: 2 });
    const it = gate();
    const source = items(Infinity, (n): [number, Int32Array] => [n, it]);
    const results = stream(source).map(inTurn.with({ pool: own }), { concurrency: 4 });
    const pending = results.next();
    await reaches(it, 1, 2);
    await results.close();

    expect(await pending).toEqual({ value: undefined, done: true });
    expect(source.isClosed).toBe(true);
    // Nobody opens the gate: the pool could not be closed with those calls in it.
    expect(own.stats().failed).toBe(4);
  });

  test('that was quick, and is not any more, is aborted too', async () => {
    const own = new ThreadPool({ size: 1 });
    try {
      const call = atOnceOrNever.with({ pool: own });
      while (offLoop(call)?.isQuick !== true) await call(0);
      const results = stream([-1, 1, 2]).map(call);
      const pending = results.next();
      await vi.waitFor(() => expect(own.stats().busy).toBe(1));
      await Promise.all([results.close(), pending]);

      // The only thread has the call that blocks, until that is aborted.
      expect(await call(7)).toBe(7);
    } finally {
      await own.terminate();
    }
  });
});

describe('an error of a wrapped function', () => {
  test('comes after the results before it, and closes the source', async () => {
    const source = items(5, (n) => (n === 2 ? -1 : n));
    const results = stream(source).map(tenfold.with({ pool }));

    expect(await untilThrown(results)).toEqual({ list: [0, 10], thrown: new RangeError('cannot take -1') });
  });

  test('aborts the calls after it as soon as those before it are done', async () => {
    await using own = new ThreadPool({ size: 2 });
    const it = gate();
    advance(it, 1);
    const refused = [-1, 'no gate'] as never;
    const results = stream([[0, it], refused, [5, it], [6, it]] as [number, Int32Array][]).map(
      inTurn.with({ pool: own }),
    );

    expect(await results.next()).toEqual({ value: 0, done: false });
    await expect(results.next()).rejects.toThrow(TypeError);
    expect(own.stats()).toMatchObject({ completed: 1, failed: 3 });
  });

  test('does not send the aborted calls to the dead letters', async () => {
    await using own = new ThreadPool({ size: 2 });
    const it = gate();
    const dead: unknown[] = [];
    const deadLetter = (item: unknown): never => {
      dead.push(item);
      throw new Error('full');
    };
    const refused = [-1, 'no gate'] as never;
    const source = [refused, [5, it], [6, it]] as [number, Int32Array][];
    const results = stream(source, { onError: 'skip', deadLetter }).map(inTurn.with({ pool: own }));

    await expect(results.next()).rejects.toThrow('full');
    expect(dead).toEqual([refused]);
  });

  test('is that of the thread, where it ends: the source is closed, the results before it come first', async () => {
    await using own = new ThreadPool({ size: 1 });
    const source = items();
    const results = stream(source).map(mortal.with({ pool: own }), { concurrency: 3 });

    expect(await untilThrown(results)).toEqual({ list: [0, 1], thrown: coded('ERR_OFFLOOP_WORKER_EXIT') });
    expect(source.isClosed).toBe(true);
    expect(await results.next()).toEqual({ value: undefined, done: true });
  });

  test.each([
    ['filter', (of: ReturnType<typeof stream<number>>) => of.filter(mortal)],
    ['tap', (of: ReturnType<typeof stream<number>>) => of.tap(mortal)],
    ['scan', (of: ReturnType<typeof stream<number>>) => of.scan((_, n) => mortal(n))],
    [
      'a map before and after',
      (of: ReturnType<typeof stream<number>>) =>
        of
          .map(mortal)
          .map((n) => n)
          .batch(2),
    ],
  ] as const)('leaves nothing open where it was in %s', async (_, apply) => {
    const source = items();

    expect((await untilThrown(apply(stream(source)))).thrown).toEqual(coded('ERR_OFFLOOP_WORKER_EXIT'));
    expect(source.isClosed).toBe(true);
  });
});

describe('a plain function', () => {
  test('runs several calls at once if concurrency says so, results in order', async () => {
    let inside = 0;
    let most = 0;
    const slow = async (n: number): Promise<number> => {
      most = Math.max(most, (inside += 1));
      for (let i = 0; i < 5 - n; i += 1) await Promise.resolve();
      inside -= 1;
      return n;
    };

    expect(await stream([0, 1, 2, 3, 4]).map(slow, { concurrency: 3 }).toArray()).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(3);
  });

  test('whose result cannot be awaited has failed for its item', async () => {
    const odd = {
      get then(): never {
        throw new Error('no promise');
      },
    };
    const source = items(3);

    expect(await untilThrown(stream(source.later()).map(() => odd, { concurrency: 2 }))).toEqual({
      list: [],
      thrown: new Error('no promise'),
    });
    expect(source.isClosed).toBe(true);
  });

  test('is handed in items without end, while the event loop turns', async () => {
    let asked = 0;
    const endless = function* (): Generator<number> {
      for (let n = 1; ; n += 1) {
        asked += 1;
        yield n;
      }
    };
    const doubled = stream(endless()).map(async (n) => n * 2, { concurrency: Infinity });
    const never = stream(endless()).map(async () => new Promise(() => undefined), { concurrency: Infinity });
    const waiting = never.next();

    expect(await doubled.take(5000).reduce((sum, n) => sum + n, 0)).toBe(5000 * 5001);
    const before = asked;
    await vi.waitUntil(() => asked > before + 3000);
    await never.close();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  test('gives results as they come with ordered: false', async () => {
    const slow = async (n: number): Promise<number> => {
      for (let i = 0; i < n * 10; i += 1) await Promise.resolve();
      return n;
    };

    expect(await stream([2, 1, 0]).map(slow, { concurrency: 3, ordered: false }).toArray()).toEqual([0, 1, 2]);
  });
});

function advance(it: Int32Array, to: number): void {
  Atomics.store(it, 0, to);
  Atomics.notify(it, 0);
}
