/** The options of single calls. @module */

import { getEventListeners } from 'node:events';
import { ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/basics.mjs';
import { gate, open, reaches } from '../support/gate.ts';

const one = new ThreadPool({ size: 1 });
const two = new ThreadPool({ size: 2 });
afterAll(async () => Promise.all([one.terminate(), two.terminate()]));

/** Occupies the only thread of `one` until the gate is opened. */
async function occupied(): Promise<{ free(): Promise<void>; thread: number }> {
  const it = gate();
  const call = jobs.block.with({ pool: one })(it, 'done');
  await reaches(it, 1, 1);
  return {
    thread: it[1] ?? 0,
    free: async () => {
      open(it);
      await call;
    },
  };
}

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('with', () => {
  test.each([{ signl: 1 }, { timeout: -1 }, { signal: {} }, { transfer: 'x' }, { key: {} }, { pool: {} }])(
    'refuses %j',
    (options) => {
      expect(() => jobs.add.with(options as object)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    },
  );

  test('takes undefined for the default', async () => {
    expect(await jobs.add.with({ signal: undefined, timeout: undefined, pool: undefined })(1)).toBe(2);
  });
});

describe('signal', () => {
  test('that is aborted already rejects with its reason', async () => {
    const reason = new Error('too late');
    await expect(jobs.add.with({ signal: AbortSignal.abort(reason) })(1)).rejects.toBe(reason);
  });

  test('takes a waiting call out of the line, and the next one runs', async () => {
    const { free } = await occupied();
    const controller = new AbortController();
    const gone = jobs.add.with({ pool: one, signal: controller.signal })(1);
    const next = jobs.add.with({ pool: one })(2);

    controller.abort('changed my mind');
    await expect(gone).rejects.toBe('changed my mind');
    await free();
    expect(await next).toBe(3);
  });

  test('ends a call that spins, and the thread is replaced', async () => {
    const it = gate();
    const controller = new AbortController();
    const spinning = jobs.spin.with({ pool: one, signal: controller.signal })(it);
    await reaches(it, 1, 1);

    controller.abort(new Error('enough'));
    await expect(spinning).rejects.toThrow('enough');
    expect(await jobs.where.with({ pool: one })()).not.toBe(it[1]);
  });

  test('does not end the calls behind the one that is aborted', async () => {
    await Promise.all(Array.from({ length: 100 }, async () => jobs.where.with({ pool: one })()));
    const it = gate();
    const controller = new AbortController();
    const spinning = jobs.spin.with({ pool: one, signal: controller.signal })(it);
    const behind = Array.from({ length: 50 }, async (_, i) => jobs.echo.with({ pool: one })(i));
    await reaches(it, 1, 1);

    controller.abort(new Error('enough'));
    await expect(spinning).rejects.toThrow('enough');
    expect((await Promise.all(behind)).flat()).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test('is left without listeners once its calls have settled', async () => {
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 30 }, async (_, i) => jobs.add.with({ signal })(i)));

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('timeout', () => {
  test('rejects a call that runs too long', async () => {
    await expect(jobs.spin.with({ pool: one, timeout: 20 })()).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    expect(await jobs.add.with({ pool: one })(1)).toBe(2);
  });

  test('counts neither the start of a thread nor waiting', async () => {
    await using fresh = new ThreadPool({ size: 1 });
    const calls = Array.from({ length: 5 }, async () => jobs.add.with({ pool: fresh, timeout: 15 })(1));

    expect(await Promise.all(calls)).toEqual([2, 2, 2, 2, 2]);
  });
});

describe('queueTimeout', () => {
  test('rejects a call that waits too long, and only that', async () => {
    const { free } = await occupied();
    const impatient = jobs.add.with({ pool: one, queueTimeout: 10 })(1);
    const patient = jobs.add.with({ pool: one, queueTimeout: 60_000 })(2);

    await expect(impatient).rejects.toThrow(coded('ERR_OFFLOOP_QUEUE_TIMEOUT'));
    await free();
    expect(await patient).toBe(3);
  });
});

describe('priority', () => {
  test('decides which waiting call starts first; equals start in the order of the calls', async () => {
    const { free } = await occupied();
    const counter = gate();
    const log = (priority: number, name: string): Promise<[string, number]> =>
      jobs.log.with({ pool: one, priority })(counter, name);
    const calls = [log(0, 'a'), log(-1, 'b'), log(2, 'c'), log(0, 'd'), log(2, 'e')];

    await free();
    const order = (await Promise.all(calls)).toSorted((a, b) => a[1] - b[1]).map(([name]) => name);
    expect(order.join('')).toBe('ceadb');
  });

  test('overtakes calls that were sent but have not started', async () => {
    const counter = gate();
    await Promise.all(Array.from({ length: 200 }, async () => jobs.log.with({ pool: one })(gate(), 0)));
    const it = gate();
    const blocked = jobs.block.with({ pool: one })(it, 0);
    const low = Array.from({ length: 20 }, async (_, i) => jobs.log.with({ pool: one })(counter, i));
    const high = jobs.log.with({ pool: one, priority: 1 })(counter, 'high');

    open(it);
    expect(await high).toEqual(['high', 0]);
    expect((await Promise.all(low)).map(([, at]) => at)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    await blocked;
  });
});

describe('key', () => {
  test('brings calls to the same thread, in their order', async () => {
    const calls = Array.from({ length: 40 }, async () => jobs.counted.with({ pool: two, key: 'mine' })());
    const answers = await Promise.all(calls);

    expect(new Set(answers.map(([, thread]) => thread)).size).toBe(1);
    expect(answers.map(([count]) => count)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  test('holds up no others', async () => {
    const it = gate();
    const blocked = jobs.block.with({ pool: two, key: 1 })(it, 'keyed');
    const behind = jobs.echo.with({ pool: two, key: 1 })('behind');
    await reaches(it, 1, 1);

    expect(await jobs.echo.with({ pool: two })('free')).toEqual(['free']);
    open(it);
    expect([await blocked, await behind]).toEqual(['keyed', ['behind']]);
  });
});

describe('transfer', () => {
  test('moves memory at the call', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const call = jobs.echo.with({ pool: two, transfer: [bytes.buffer] })(bytes);

    expect(bytes.byteLength).toBe(0);
    expect(await call).toEqual([new Uint8Array([1, 2, 3])]);
  });

  test('moves it at the call even if the call waits', async () => {
    const { free } = await occupied();
    const bytes = new Uint8Array([1, 2, 3]);
    const call = jobs.echo.with({ pool: one, transfer: [bytes.buffer] })(bytes);

    expect(bytes.byteLength).toBe(0);
    await free();
    expect(await call).toEqual([new Uint8Array([1, 2, 3])]);
  });
});
