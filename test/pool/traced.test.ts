/** The events of the tracing channel `offloop:call`. @module */

import type { TracingChannelSubscribers } from 'node:diagnostics_channel';
import { setTimeout } from 'node:timers/promises';
import { callChannel, configure, IteratorWrapper, ThreadPool } from 'offloop';
import type { CallTrace, ThreadedIterator } from 'offloop';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { add, separate, where } from '../fixtures/jobs/basics.mjs';
import { fails } from '../fixtures/jobs/failing.mjs';
import * as jobs from '../fixtures/jobs/generators.mjs';
import { gate } from '../support/gate.ts';
import { take, takeToEnd } from '../support/take.ts';

type Trace = CallTrace;

/** The events until the end of the test, each with a copy of its context object at that moment. */
function listen(): { name: string; trace: Trace; known: Trace }[] {
  const heard: { name: string; trace: Trace; known: Trace }[] = [];
  const names = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
  const hear = (name: string) => (trace: unknown) =>
    void heard.push({ name, trace: trace as Trace, known: { ...(trace as Trace) } });
  const listeners = Object.fromEntries(names.map((name) => [name, hear(name)]));
  const subscribers = listeners as unknown as TracingChannelSubscribers<Trace>;
  callChannel.subscribe(subscribers);
  onTestFinished(() => {
    callChannel.unsubscribe(subscribers);
  });
  return heard;
}

describe('the tracing channel', () => {
  test('tells of a call that returns: what it is at first, and how it went at last', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const threadId = await where.with({ pool })();
    const heard = listen();
    const start = performance.now();
    await add.with({ pool })(1, 2);
    const time = performance.now() - start;

    expect(heard.map(({ name }) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(heard[0]?.known).toEqual({ name: 'add', wrapper: 'threaded', args: [1, 2], pool: 'pool' });
    const last = heard[3]?.known as Trace & { runTime: number; waitTime: number };
    expect(last).toMatchObject({ name: 'add', args: [1, 2], threadId, result: 3 });
    expect(last.runTime).toBeGreaterThanOrEqual(0);
    expect(last.waitTime).toBeGreaterThanOrEqual(0);
    expect(last.runTime + last.waitTime).toBeLessThanOrEqual(time);
  });

  test('gives one object for all steps of a call, and another one for another call', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const heard = listen();
    await Promise.all([add.with({ pool })(1), add.with({ pool })(2)]);
    const traces = new Set(heard.map(({ trace }) => trace));

    expect(traces.size).toBe(2);
    expect(Array.from(traces, ({ result }) => result)).toEqual([2, 3]);
  });

  test('tells of a call that throws', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const heard = listen();
    const error: unknown = await fails
      .with({ pool })('exported')
      .catch((reason: unknown) => reason);

    expect(heard.map(({ name }) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(heard[2]?.known.error).toBe(error);
    expect(heard[2]?.known.runTime).toBeGreaterThanOrEqual(0);
  });

  test('tells of a call that was given up before it ran', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const heard = listen();
    const controller = new AbortController();
    const call = add.with({ pool, signal: controller.signal })(1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    expect(heard.map(({ name }) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(heard[4]?.known).toMatchObject({ error: 'enough', args: [1] });
    expect(heard[4]?.known.runTime).toBeUndefined();
  });

  test('tells of calls in threads of their own, and inline', async () => {
    const heard = listen();
    const [, threadId] = await separate(1);
    configure({ inline: true });
    await add(1).finally(() => configure({ inline: false }));
    const last = heard.filter(({ name }) => name === 'asyncEnd').map(({ known }) => known);

    expect(last).toMatchObject([
      { name: 'separate', wrapper: 'threadedSeparate', threadId, result: [1, threadId] },
      { name: 'add', wrapper: 'threaded', result: 2 },
    ]);
  });

  describe('of an iterator', () => {
    const steps = ['start', 'end', 'asyncStart', 'asyncEnd'];
    const failed = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];

    test('tells when it is made, and when its generator has ended: what that returned, and how long it took', async () => {
      await using pool = new ThreadPool({ size: 1 });
      const threadId = await where.with({ pool })();
      const heard = listen();
      const iterator = jobs.count.with({ pool })(3);
      expect(heard.map(({ name, known }) => [name, known])).toEqual([
        ['start', { name: 'count', wrapper: 'threadedIterable', args: [3], pool: 'pool' }],
        ['end', { name: 'count', wrapper: 'threadedIterable', args: [3], pool: 'pool' }],
      ]);
      const start = performance.now();
      await take(iterator);
      const time = performance.now() - start;
      await vi.waitFor(() => expect(heard).toHaveLength(4), { timeout: 30_000 });

      expect(heard.map(({ name }) => name)).toEqual(steps);
      const last = heard[3]?.known as Trace & { runTime: number; waitTime: number };
      expect(last).toMatchObject({ threadId, result: 'done' });
      expect(last.runTime).toBeGreaterThanOrEqual(0);
      expect(last.waitTime).toBeGreaterThanOrEqual(0);
      expect(last.runTime + last.waitTime).toBeLessThanOrEqual(time);
    });

    test('tells how it ends', async () => {
      const heard = listen();
      const controller = new AbortController();
      const { signal } = controller;
      const aborts = async (iterator: ThreadedIterator<unknown>): Promise<unknown> => {
        await iterator.next();
        controller.abort('enough');
        return iterator.next().catch(() => iterator.close());
      };
      const endings: [string[], object, () => Promise<unknown>][] = [
        [steps, { result: undefined }, async () => take(jobs.count(1e6), 1)],
        [steps, { result: undefined }, async () => jobs.count(1).close()],
        [failed, { error: { message: 'no more' } }, async () => takeToEnd(jobs.fails(1))],
        [
          failed,
          { error: { code: 'ERR_OFFLOOP_NOT_CLONEABLE' } },
          async () => takeToEnd(jobs.count(Symbol('s') as never)),
        ],
        [
          failed,
          { error: 'thrown' },
          async () =>
            jobs
              .count(1)
              .throw('thrown')
              .catch(() => undefined),
        ],
        [failed, { error: 'enough' }, async () => aborts(jobs.count.with({ signal })(1e6))],
        [failed, { error: 'enough' }, async () => takeToEnd(jobs.count.with({ signal })(1e6))],
        [
          failed,
          { error: { code: 'ERR_OFFLOOP_TIMEOUT' } },
          async () => takeToEnd(jobs.count.with({ timeout: 20 })(1e9)),
        ],
      ];
      for (const [names, known, run] of endings) {
        heard.length = 0;
        await run();
        await vi.waitFor(() => expect(heard).toHaveLength(names.length), { timeout: 30_000 });

        expect(heard.map(({ name }) => name)).toEqual(names);
        expect(heard.at(-1)?.known).toMatchObject(known);
      }
    });

    test('tells of one in a thread of its own, at the place of use, and inline', async () => {
      const heard = listen();
      const { end } = await takeToEnd(jobs.countApart(1));
      await take(new IteratorWrapper(jobs.endless, { args: [gate()] }), 1);
      configure({ inline: true });
      await take(jobs.count(1)).finally(() => configure({ inline: false }));
      const last = (): Trace[] => heard.filter(({ name }) => name === 'asyncEnd').map(({ known }) => known);
      await vi.waitFor(() => expect(last()).toHaveLength(3), { timeout: 30_000 });

      expect(last()).toMatchObject([
        { name: 'countApart', wrapper: 'threadedIterableSeparate', threadId: end, result: end },
        { name: 'endless', wrapper: 'threadedIterable' },
        { name: 'count', wrapper: 'threadedIterable', result: 'done' },
      ]);
    });
  });

  test('is not used once nobody listens', async () => {
    await using pool = new ThreadPool({ size: 1 });
    // Node.js traces imports in the same way, and a pool imports what it needs for its first thread.
    await add.with({ pool })(1);
    const { prototype } = callChannel.constructor as { prototype: { tracePromise(): unknown } };
    const traces = vi.spyOn(prototype, 'tracePromise');
    onTestFinished(() => {
      traces.mockRestore();
    });
    const hear = (): void => undefined;
    callChannel.start.subscribe(hear);
    await add.with({ pool })(1);
    expect(traces).toHaveBeenCalledTimes(1);
    callChannel.start.unsubscribe(hear);

    await Promise.all(Array.from({ length: 20 }, async () => add.with({ pool })(1)));
    expect(traces).toHaveBeenCalledTimes(1);
  });

  test.each(['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const)('is used for %s alone', async (name) => {
    await using pool = new ThreadPool({ size: 1 });
    const heard: unknown[] = [];
    const hear = (trace: unknown): void => void heard.push(trace);
    callChannel[name].subscribe(hear);
    await expect(fails.with({ pool })('abort')).rejects.toThrow('stopped');
    callChannel[name].unsubscribe(hear);

    expect(heard).toMatchObject([{ name: 'fails' }]);
  });
});

describe('the statistics of a pool', () => {
  test('count iterators: those that ended, or were closed, and those that failed, were aborted or timed out', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const count = jobs.count.with({ pool });
    await take(count(3));
    await take(count(1e6), 1);
    expect(pool.stats()).toMatchObject({ completed: 2, failed: 0 });

    const controller = new AbortController();
    const aborted = jobs.count.with({ pool, signal: controller.signal })(1e6);
    await aborted.next();
    controller.abort();
    await aborted.close().catch(() => undefined);
    await takeToEnd(jobs.fails.with({ pool })(1));
    await takeToEnd(jobs.count.with({ pool, timeout: 20 })(1e9));
    expect(pool.stats()).toMatchObject({ completed: 2, failed: 3 });
  });

  test('count what an iterator waits for its thread from its first next() on', async () => {
    await using pool = new ThreadPool({ size: 1 });
    await where.with({ pool })();
    const before = pool.stats().waitTime.max;
    const iterator = jobs.count.with({ pool })(1);
    await setTimeout(before + 500);
    await take(iterator);

    expect(pool.stats().waitTime.max).toBeLessThan(before + 500);
  });
});
