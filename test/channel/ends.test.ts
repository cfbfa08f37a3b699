/** How iterators end: closed, aborted, broken, abandoned; and what becomes of their generators. @module */

import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { setImmediate } from 'node:timers/promises';
import { configure, ThreadPool } from 'offloop';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as jobs from '../fixtures/jobs/generators.mjs';
import { gate, reaches } from '../support/gate.ts';
import { fixture, run } from '../support/run.ts';
import { take, takeToEnd } from '../support/take.ts';

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('an iterator made by hand, whose return() does not say that there is no more, is left', () => {
  const made = [jobs.handMade, jobs.handMadeAsync];

  test.each(made)('in its thread: %o', async (handMade) => {
    const it = gate();
    for await (const _ of handMade(it)) break;

    expect(it[3]).toBe(1);
  });

  test.each(made)('in inline mode: %o', async (handMade) => {
    onTestFinished(() => configure({ inline: false }));
    configure({ inline: true });
    const it = gate();
    for await (const _ of handMade(it)) break;

    expect(it[3]).toBe(1);
  });
});

describe('the finally of the generator has run', () => {
  test.each([jobs.count, jobs.countAsync])('after break: %o', async (count) => {
    const it = gate();
    for await (const item of count.with({ maxSize: 2 })(1000, it)) if (item === 3) break;

    expect(it[3]).toBe(1);
  });

  test.each([0, 1, 1024])('after return(value), which gives the value; maxSize %d', async (maxSize) => {
    const it = gate();
    const iterator = jobs.count.with({ maxSize })(1000, it);
    await iterator.next();

    expect(await iterator.return('mine')).toEqual({ value: 'mine', done: true });
    expect(it[3]).toBe(1);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  test('after close(), which may be called again', async () => {
    const it = gate();
    const iterator = jobs.count(1000, it);
    await iterator.next();

    await Promise.all([iterator.close(), iterator.close()]);
    await iterator.close();
    expect(it[3]).toBe(1);
    expect(iterator).toMatchObject({ closed: true, size: 0 });
  });

  test('after await using', async () => {
    const it = gate();
    {
      await using iterator = jobs.count(1000, it);
      await iterator.next();
    }
    expect(it[3]).toBe(1);
  });

  test('after the consumer has thrown', async () => {
    const it = gate();
    const consume = async (): Promise<void> => {
      for await (const item of jobs.count(1000, it)) if (item === 2) throw new Error('mine');
    };

    await expect(consume()).rejects.toThrow('mine');
    expect(it[3]).toBe(1);
  });

  test('soon after the signal was aborted', async () => {
    const it = gate();
    const controller = new AbortController();
    const iterator = jobs.count.with({ signal: controller.signal })(1000, it);
    await iterator.next();
    controller.abort(new Error('enough'));

    await expect(iterator.next()).rejects.toThrow('enough');
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    await reaches(it, 3, 1);
    await iterator.close();
  });

  test('although it yields in it', async () => {
    const it = gate();
    const iterator = jobs.clings(it);
    await iterator.next();
    await iterator.close();

    expect(it[3]).toBe(1);
  });

  test.each([false, true])('although it awaits a callback in it, wherever it is closed; inline: %s', async (inline) => {
    configure({ inline });
    onTestFinished(() => configure({ inline: false }));
    for (let i = 0; i < 60; i += 1) {
      const asked: unknown[] = [];
      const answer = async (what: unknown): Promise<unknown> => {
        asked.push(what);
        await setImmediate();
        return what;
      };
      await take(jobs.asks(answer), 1 + (i % 3));

      expect(asked.at(-1)).toBe('finally');
    }
  });

  test('when callSignal() has ended its loop', async () => {
    const it = gate();
    const iterator = jobs.signalled(it);
    await iterator.next();
    await iterator.close();

    expect(it[3]).toBe(1);
  });
});

describe('an iterator', () => {
  test('that is closed before it starts runs nothing', async () => {
    const it = gate();
    const iterator = jobs.count(1000, it);
    await iterator.close();

    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect([it[2], it[3]]).toEqual([0, 0]);
  });

  test('that is closed while it waits for a thread runs nothing', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const [first, second] = [gate(), gate()];
    const holder = jobs.blocksAfter.with({ pool, closeTimeout: 1 })(1, first);
    await holder.next();
    await reaches(first, 1, 1);
    const waiting = jobs.count.with({ pool })(1000, second);
    const step = waiting.next();
    await waiting.close();

    expect(await step).toEqual({ value: undefined, done: true });
    expect(second[2]).toBe(0);
    expect(pool.stats().queued).toBe(0);
    await expect(holder.close()).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
  });

  test('that is closed settles every next() that is pending', async () => {
    const it = gate();
    const iterator = jobs.blocksAfter.with({ closeTimeout: 20 })(1, it);
    const steps = Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    await reaches(it, 1, 1);
    const closed = iterator.close();

    expect((await steps).slice(1)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
    await closed.catch(() => undefined);
  });

  test('rejects close() with what finally throws', async () => {
    const iterator = jobs.failsToEnd();
    await iterator.next();

    await expect(iterator.close()).rejects.toThrow('finally');
  });

  test('whose generator never ends is ended with its thread after closeTimeout, and the pool goes on', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 120_000 });
    const it = gate();
    const iterator = jobs.spins.with({ pool, closeTimeout: 30 })(it);
    await iterator.next();
    await reaches(it, 1, 1);

    await expect(iterator.close()).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    expect(await jobs.quick.with({ pool })(5)).toBe(5);
  });

  test('with a signal that is aborted already rejects once, and runs nothing', async () => {
    const it = gate();
    const iterator = jobs.count.with({ signal: AbortSignal.abort('no') })(5, it);

    await expect(iterator.next()).rejects.toBe('no');
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect(it[2]).toBe(0);
  });

  test('rejects the next() that is pending when its signal is aborted', async () => {
    const controller = new AbortController();
    const it = gate();
    const iterator = jobs.blocksAfter.with({ signal: controller.signal, closeTimeout: 20 })(1, it);
    await iterator.next();
    const pending = iterator.next();
    controller.abort('enough');

    await expect(pending).rejects.toBe('enough');
    await iterator.close().catch(() => undefined);
  });

  test.each([0, 2, 1024])('gives the items of a thread that died, then how; maxSize %d', async (maxSize) => {
    const { items, end } = await takeToEnd(jobs.exits.with({ maxSize })(6));

    expect(items).toEqual([0, { i: 1 }, 2, { i: 3 }, 4, { i: 5 }]);
    expect(end).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 3 });
  });

  test('of a pool that is terminated rejects', async () => {
    const pool = new ThreadPool({ size: 1 });
    const it = gate();
    const iterator = jobs.blocksAfter.with({ pool })(1, it);
    await iterator.next();
    const pending = iterator.next();
    await Promise.all([pool.terminate(), expect(pending).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'))]);

    await expect(jobs.count.with({ pool })(1).next()).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
  });
});

describe('interoperation', () => {
  test('ReadableStream.from reads it, and cancels it', async () => {
    const it = gate();
    const from = (ReadableStream as unknown as { from(source: unknown): ReadableStream<number> }).from;
    expect(await take(from(jobs.count(5)))).toEqual([0, 1, 2, 3, 4]);

    const reader = from(jobs.count(1000, it)).getReader();
    await reader.read();
    await reader.cancel();
    expect(it[3]).toBe(1);
  });

  test('Readable.from reads it, and destroys it', async () => {
    const it = gate();
    expect(await take(Readable.from(jobs.count(5)))).toEqual([0, 1, 2, 3, 4]);

    const readable = Readable.from(jobs.count(1000, it));
    for await (const item of readable) if (item === 3) break;
    await reaches(it, 3, 1);
  });

  test('pipeline reads it, and closes it when it is aborted or its end fails', async () => {
    const items: number[] = [];
    const collect = new Writable({
      objectMode: true,
      write(item: number, _, done) {
        items.push(item);
        done();
      },
    });
    await pipeline(jobs.count(5), collect);
    expect(items).toEqual([0, 1, 2, 3, 4]);

    const it = gate();
    const fails = new Writable({ objectMode: true, write: (_, __, done) => done(new Error('full')) });
    await expect(pipeline(jobs.count(1000, it), fails)).rejects.toThrow('full');
    await reaches(it, 3, 1);

    const controller = new AbortController();
    const other = gate();
    const stuck = new Writable({ objectMode: true, highWaterMark: 1, write: () => controller.abort() });
    await expect(pipeline(jobs.count(1000, other), stuck, { signal: controller.signal })).rejects.toThrow(/abort/);
    await reaches(other, 3, 1);
  });
});

describe('a process', () => {
  test.each([
    ['with an iterator that nobody asks', 'idle', ['0']],
    ['with a next() pending, after that', 'pending', ['after']],
    ['after a break', 'broken', ['finally', 'broken']],
    ['with a call that waits behind an iterator, after that', 'behind', ['5']],
    ['with a generator that is closed, after its finally', 'closing', ['finally', 'closed']],
    ['with a generator that has timed out, after its finally', 'late', ['ERR_OFFLOOP_TIMEOUT', 'finally']],
    ['with a call that waits for the thread of such a one, after that', 'behindLate', ['ERR_OFFLOOP_TIMEOUT', '5']],
  ])('%s ends by itself', async (_, what, expected) => {
    const options = { args: [what], deadline: 20_000 };
    const { code, signal, lines, stderr } = await run(fixture('exits/iterators.mjs'), options);

    expect({ code, signal, lines, stderr }).toEqual({ code: 0, signal: null, lines: expected, stderr: '' });
  });

  test('ends generators whose iterators were forgotten', async () => {
    const options = { nodeArgs: ['--expose-gc'], args: ['forgotten'], deadline: 50_000 };
    const { lines, stderr } = await run(fixture('exits/iterators.mjs'), options);

    expect({ lines, stderr }).toEqual({ lines: ['10 ended, 1 awaited: 0'], stderr: '' });
  });
});
