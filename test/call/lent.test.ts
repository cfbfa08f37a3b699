/** Callbacks: their arguments and results, and when they may be called; ports. @module */

import { MessageChannel, threadId } from 'node:worker_threads';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { where } from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/lent.mjs';
import { gate, reaches } from '../support/gate.ts';

const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' }) as Error;

describe('a callback', () => {
  test('that is passed twice is one function in the thread', async () => {
    const ask = (): number => 1;

    expect(await jobs.isSame(ask, ask)).toBe(true);
    expect(await jobs.isSame(ask, () => 1)).toBe(false);
  });

  test('is given, and gives, what crosses between threads', async () => {
    let given: Record<string, unknown> = {};
    const rich = await jobs.asksRichly((it: Record<string, unknown>) => {
      given = it;
      return { ...it, error: new RangeError('no') };
    });

    expect(rich).toEqual([true, true, true, true]);
    expect(given).toStrictEqual({ url: new URL('https://a.b/c'), bytes: Buffer.from('xyz'), at: new Date(7) });
  });

  test('keeps falsy values, and undefined', async () => {
    for (const value of [0, '', false, null, undefined, NaN, -0, 0n]) {
      expect(await jobs.answers((it: unknown) => it, value)).toBe(value);
    }
  });

  test('that gives what cannot cross rejects there, and the thread lives on', async () => {
    await expect(jobs.answers(() => () => 1)).rejects.toThrow(refused);
    expect(await jobs.answers(() => 1)).toBe(1);
  });

  test('that is given what cannot cross rejects, or the call does if nobody took that', async () => {
    expect(await jobs.callsBadlyAndCatches(() => 1)).toBe('ERR_OFFLOOP_NOT_CLONEABLE');
    await expect(jobs.callsBadly(() => 1)).rejects.toThrow(refused);
  });

  test('that throws does not hide what the function itself throws', async () => {
    const failing = (): never => {
      throw new Error('of the callback');
    };

    await expect(jobs.failsItself(failing)).rejects.toThrow('its own');
  });

  test('that is called too late is not called, and nobody is harmed', async () => {
    const it = gate();
    const seen: string[] = [];
    expect(await jobs.leavesCallback.with({ key: 'late' })((word: string) => seen.push(word), it)).toBe('returned');
    await reaches(it, 0, 1);

    expect(await jobs.answers.with({ key: 'late' })(() => 'next')).toBe('next');
    expect(seen).toEqual([]);
  });

  test('of an aborted call fails with the reason where it is awaited; a new call of it is refused', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 60_000 });
    const thread = await where.with({ pool })();
    const it = gate();
    const controller = new AbortController();
    const { signal } = controller;
    let heard!: () => void;
    const hears = new Promise<void>((resolve) => (heard = resolve));
    const ask = async (): Promise<number> => {
      heard();
      return new Promise<number>(() => {});
    };
    const call = jobs.windsUp.with({ pool, signal })(signal, it, ask);
    await Promise.all([reaches(it, 1, 1), hears]);
    controller.abort(new Error('stop'));
    await expect(call).rejects.toThrow('stop');
    await reaches(it, 0, 1);

    expect([it[2], it[3]]).toEqual([-1, -1]);
    expect(await where.with({ pool })()).toBe(thread);
  });
});

describe('an error as an argument', () => {
  test('has its class in the thread, even one that its module does not export', async () => {
    expect(await jobs.seesError(jobs.makePrivate('hello'))).toEqual([true, 'Private', 'hello', true]);
  });

  test('that a callback throws has it, too', async () => {
    const failing = (): never => {
      throw jobs.makePrivate('no');
    };

    expect(await jobs.catchesError(failing)).toEqual([true, 'Private', true]);
  });
});

describe('a port', () => {
  test('moves to the thread if it is named, and else is refused', async () => {
    const { port1, port2 } = new MessageChannel();
    await expect(jobs.reads(port2)).rejects.toThrow(refused);
    const call = jobs.reads.with({ transfer: [port2] })(port2);
    port1.postMessage({ n: 1 });
    const [message, thread] = await call;
    port1.close();

    expect([message, thread === threadId]).toEqual([{ n: 1 }, false]);
  });

  test('comes back if the function moves it', async () => {
    const port = await jobs.givesPort();
    const message = await new Promise((resolve) => port.once('message', resolve));
    port.close();

    expect(message).toBe('from the thread');
  });
});
