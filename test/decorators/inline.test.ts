/** Inline mode: every call on the calling thread, through the same copying. @module */

import { threadId } from 'node:worker_threads';
import { configure, ThreadPool, threaded } from 'offloop';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nested, separate, where } from '../fixtures/jobs/basics.mjs';
import * as crossing from '../fixtures/jobs/crossing.mjs';
import { fails } from '../fixtures/jobs/failing.mjs';
import { fixture, run } from '../support/run.ts';

beforeAll(() => configure({ inline: true }));
afterAll(() => configure({ inline: false }));

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

  test('is switched on for a whole process by OFFLOOP_INLINE=1', async () => {
    const { lines, code } = await run(fixture('entries/cli.mjs'), { env: { OFFLOOP_INLINE: '1' } });

    expect({ lines, code }).toEqual({ lines: ['TOP 0', 'R [15,false]'], code: 0 });
  });

  test.each([{ inline: 1 }, { view: 'sometimes' }, { inlne: true }])('cannot be configured by %j', (changes) => {
    expect(() => configure(changes as object)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });
});
