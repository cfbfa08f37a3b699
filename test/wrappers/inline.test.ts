/** Inline mode: every call on the calling thread, through the same copying. @module */

import { createReadStream } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { configure, IteratorWrapper, ThreadPool, threaded } from 'offloop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nested, separate, where } from '../fixtures/jobs/basics.mjs';
import * as crossing from '../fixtures/jobs/crossing.mjs';
import { fails } from '../fixtures/jobs/failing.mjs';
import * as jobs from '../fixtures/jobs/generators.mjs';
import { gate, reaches } from '../support/gate.ts';
import { fixture, run } from '../support/run.ts';
import { take, takeToEnd } from '../support/take.ts';

beforeAll(() => configure({ inline: true }));
afterAll(() => configure({ inline: false }));

/** Gives what it takes. */
const awaits = threaded(async function* (items: Iterable<unknown> | AsyncIterable<unknown>, signal?: AbortSignal) {
  for await (const item of items) {
    signal?.throwIfAborted();
    yield item;
  }
});

describe('inline mode', () => {
  test('runs calls on the calling thread, and starts none', async () => {
    expect(await where()).toBe(threadId);
    expect((await separate(1))[1]).toBe(threadId);
    expect(ThreadPool.default.stats().threads).toBe(0);
  });

  test('runs what no thread could find', async () => {
    const factor = 3;
    expect(await threaded((n: number) => n * factor)(2)).toBe(6);
  });

  test('copies arguments and results all the same', async () => {
    const value = { list: [1], url: new URL('https://a.b') };
    const { value: back } = await crossing.visit(value);

    expect(back).toEqual(value);
    expect(back.list).not.toBe(value.list);
    await expect(crossing.visit(Symbol('s'))).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
  });

  test('passes callbacks, errors and instances as threads do', async () => {
    const seen: number[] = [];
    await crossing.reports(3, (n: number) => seen.push(n));

    expect(seen).toEqual([0, 1, 2]);
    await expect(fails('exported')).rejects.toMatchObject({ code: 'E_EXPORTED' });
    expect(await crossing.lengthOf(new crossing.Point(3, 4))).toEqual([true, 5]);
  });

  test('does not let calls wait for each other', async () => {
    const [isPromise, [value, inner]] = await nested(1);
    expect([isPromise, value, inner]).toEqual([true, { n: 1 }, threadId]);

    const asks = crossing.asks(1, async (n: number) => (await crossing.asks(n, (m: number) => m))[0]);
    expect(await asks).toEqual([1, 2]);
  });

  describe('gives the items of a generator', () => {
    test('that runs on the calling thread, and advances only when it is asked', async () => {
      const it = gate();
      const iterator = jobs.count(5, it);
      expect([it[2], await iterator.next(), it[2], await iterator.next(), it[2]]).toEqual([
        0,
        { value: 0, done: false },
        1,
        { value: 1, done: false },
        2,
      ]);
      expect(await takeToEnd(iterator)).toEqual({ items: [2, 3, 4], end: 'done' });
      expect(await takeToEnd(jobs.countApart(2))).toEqual({ items: [0, 1], end: threadId });
      expect(await take(new IteratorWrapper(jobs.exported, { args: [2] }))).toEqual([0, 1]);
    });

    test('that no thread could find', async () => {
      const factor = 3;
      const times = threaded(function* (to: number) {
        for (let i = 0; i < to; i += 1) yield i * factor;
      });

      expect(await take(times(3))).toEqual([0, 3, 6]);
    });

    test('with copies of the arguments and of the items, as they are when they are yielded', async () => {
      const given = { list: [1] };
      const changes = threaded(function* (value: { list: number[] }) {
        for (let i = 2; i < 4; i += 1) {
          value.list.push(i);
          yield value;
        }
      });
      const [first, second] = await take(changes(given));

      expect(given).toEqual({ list: [1] });
      expect([first, second]).toEqual([{ list: [1, 2] }, { list: [1, 2, 3] }]);
      expect(first).not.toBe(second);
    });

    test.each([Symbol('s'), () => 1, Promise.resolve(1), new WeakMap()])(
      'but not %o, which cannot cross',
      async (value) => {
        const it = gate();
        const gives = threaded(function* () {
          try {
            yield value;
          } finally {
            it[3] = 1;
          }
        });
        const refused = { code: 'ERR_OFFLOOP_NOT_CLONEABLE' };

        await expect(gives().next()).rejects.toMatchObject({ ...refused, message: expect.stringContaining('item') });
        expect(it[3]).toBe(1);
        if (typeof value === 'function') return;
        await expect(take(jobs.list([value]))).rejects.toMatchObject({
          ...refused,
          message: expect.stringContaining('args[0][0]'),
        });
      },
    );

    test('with callbacks, signals, iterables and errors, as in a thread', async () => {
      const given = async function* (): AsyncGenerator<number> {
        yield 1;
        throw Object.assign(new RangeError('source'), { code: 'E_SOURCE' });
      };
      const asks = jobs.asks(async (n: unknown) => `answer ${String(n)}`);

      expect(await take(asks, 2)).toEqual(['answer 0', 'answer 1']);
      expect(await takeToEnd(awaits(given()))).toMatchObject({
        items: [1],
        end: { name: 'RangeError', code: 'E_SOURCE' },
      });
      await expect(take(jobs.fails(1))).rejects.toMatchObject({ name: 'RangeError', code: 'E_MORE' });
      expect(await takeToEnd(awaits([1], AbortSignal.abort('stop')))).toEqual({ items: [], end: 'stop' });
    });

    test('and of an iterable argument, which is closed when its loop is left', async () => {
      let closed = 0;
      const given = async function* (): AsyncGenerator<number> {
        try {
          for (;;) yield 1;
        } finally {
          closed += 1;
        }
      };
      const leaves = threaded(async function* (items: AsyncIterable<number>) {
        for await (const item of items) {
          yield item;
          break;
        }
        yield 'left';
      });

      expect(await take(leaves(given()))).toEqual([1, 'left']);
      expect(closed).toBe(1);
      await expect(take(leaves(createReadStream('/no/such/file') as never))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('and ends it, with its finally, when it is closed', async () => {
      const it = gate();
      for await (const _ of jobs.count(1000, it)) break;
      expect(it[3]).toBe(1);

      const controller = new AbortController();
      const iterator = jobs.count.with({ signal: controller.signal })(1000, it);
      await iterator.next();
      controller.abort('enough');
      await expect(iterator.next()).rejects.toBe('enough');
      await reaches(it, 3, 2);
    });
  });

  test('is switched on for a whole process by OFFLOOP_INLINE=1', async () => {
    const { lines, code } = await run(fixture('entries/cli.mjs'), { env: { OFFLOOP_INLINE: '1' } });

    expect({ lines, code }).toEqual({ lines: ['TOP 0', 'R [15,false]'], code: 0 });
  });

  test('stays as it is where configure is given undefined', async () => {
    configure({ inline: undefined, view: undefined } as object);

    expect(await where()).toBe(threadId);
  });

  test.each([{ inline: 1 }, { view: 'sometimes' }, { inlne: true }, null])('cannot be configured by %j', (changes) => {
    expect(() => configure(changes as object)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });
});
