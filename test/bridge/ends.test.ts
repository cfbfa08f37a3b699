/** How a wait ends that nobody answers: time-outs, aborts, dead threads, and a main side with nothing left to do. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/bridged.mjs';
import { gate, reaches } from '../support/gate.ts';
import { later } from '../support/later.ts';
import { cases } from '../support/full.ts';
import { fixture, run } from '../support/run.ts';

const never = async (): Promise<never> => new Promise(() => undefined);

describe('a wait', () => {
  test('ends with its timeout, and later answers go to later questions', async () => {
    const late = async (): Promise<string> => sleep(30, 'late');

    expect(await jobs.asksLimited(never, { timeout: 20 })).toEqual(['ERR_OFFLOOP_TIMEOUT', undefined]);
    expect(await jobs.asksLimited(late, { timeout: 1 }, async (n: number) => sleep(60, n))).toEqual([
      'ERR_OFFLOOP_TIMEOUT',
      2,
    ]);
    expect(await jobs.asksLimited(never, { timeout: 0 })).toEqual(['ERR_OFFLOOP_TIMEOUT', undefined]);
  });

  test('ends with a signal of the arguments, though the thread sleeps', async () => {
    const controller = new AbortController();
    const asked = jobs.asksWithSignal(async () => {
      setTimeout(() => controller.abort('enough'), 10);
      return never();
    }, controller.signal);

    expect(await asked).toEqual(['interrupted', 'enough']);
    expect(await jobs.asksWithSignal(never, AbortSignal.abort('before'))).toEqual(['interrupted', 'before']);
  });

  test('ends when its call is aborted: finally runs, and the thread lives on', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const thread = await jobs.where.with({ pool })();
    const it = gate();
    const controller = new AbortController();
    const asked = later();
    const ask = async (): Promise<never> => (asked.resolve(), never());
    const call = jobs.asksAndCleansUp.with({ pool, signal: controller.signal })(ask, it);
    await asked.promise;
    controller.abort(new Error('enough'));

    await expect(call).rejects.toThrow('enough');
    await reaches(it, 3, 1);
    expect(it[2]).toBe(1);
    expect(await jobs.where.with({ pool })()).toBe(thread);
  });

  test('ends when its call has run for too long, in a thread of its own as well', async () => {
    const call = jobs.asks.with({ timeout: 50 })(never);
    const separate = jobs.asksSeparately.with({ timeout: 50 })(never);

    await expect(call).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    await expect(separate).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  });

  test('ends when its pool is terminated', async () => {
    const pool = new ThreadPool({ size: 1 });
    const it = gate();
    const call = jobs.asksAndCleansUp.with({ pool })(never, it);
    await reaches(it, 1, 1);
    const ended = expect(call).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    await pool.terminate();
    await ended;
  });

  test('tells what it waited for, by callSignal(), that it does not any more', async () => {
    const timedOut = gate();
    await expect(jobs.watches(timedOut, 20)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    await reaches(timedOut, 2, 2);

    const aborted = gate();
    const controller = new AbortController();
    const call = jobs.watches.with({ signal: controller.signal })(aborted, Infinity);
    await reaches(aborted, 1, 1);
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await reaches(aborted, 2, 1);

    const dead = gate();
    const pool = new ThreadPool({ size: 1 });
    const lost = jobs.watches.with({ pool })(dead, Infinity);
    await reaches(dead, 1, 1);
    const ended = expect(lost).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    await pool.terminate();
    await ended;
    await reaches(dead, 2, 1);
  });
});

describe('a program whose main side has nothing left to do', () => {
  const hopeless = [
    ['a coroutine', 'coroutine', 'ERR_OFFLOOP_NEVER_SETTLES'],
    ['a callback, in a thread of its own', 'separate', 'ERR_OFFLOOP_NEVER_SETTLES'],
    ['a coroutine, in a generator', 'generator', 'ERR_OFFLOOP_NEVER_SETTLES'],
    ['the innermost of calls that wait for each other', 'nested', 'inner: ERR_OFFLOOP_NEVER_SETTLES'],
    ['forty of them, in a pool of one thread', 'many', '40 ERR_OFFLOOP_NEVER_SETTLES'],
  ] as const;

  test.each(cases(hopeless, 3))('ends the wait for %s', async (_, name, expected) => {
    const { code, lines, stderr } = await run(fixture('exits/endless.mjs'), { args: [name], deadline: 30_000 });

    expect({ code, lines, stderr }).toEqual({ code: 0, lines: [expected], stderr: '' });
  });

  const hopeful = [
    ['a timer', 'timer', 'settled after 300 ms'],
    ['an unref’d clock of a signal', 'clock', 'TimeoutError'],
    ['the timeout of the call', 'timeout', 'ERR_OFFLOOP_TIMEOUT'],
    ['the timeout of the wait', 'wait', 'ERR_OFFLOOP_TIMEOUT'],
    ['a call in another thread', 'thread', 'settled by a thread'],
  ] as const;

  test.each(cases(hopeful, 3))('waits for %s', async (_, name, expected) => {
    const { code, lines, stderr } = await run(fixture('exits/endless.mjs'), { args: [name], deadline: 30_000 });

    expect({ code, lines, stderr }).toEqual({ code: 0, lines: [expected], stderr: '' });
  });
});
