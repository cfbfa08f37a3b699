/** Callbacks and signals, which stay on the caller's side. @module */

import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/crossing.mjs';
import { gate, reaches } from '../support/gate.ts';

describe('a function as an argument', () => {
  test('is called where it is, and answers', async () => {
    expect(await jobs.asks(1, (n: number) => n * 10)).toEqual([10, 20]);
    expect(await jobs.asks(1, async (n: number) => Promise.resolve(n * 10))).toEqual([10, 20]);
  });

  test('whose results nobody takes is called in order, and before the call settles', async () => {
    const seen: number[] = [];
    const count = await jobs.reports(1000, (n: number, { at }: { at: number }) => seen.push(n + at));

    expect(count).toBe(1000);
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, i) => 2 * i));
  });

  test('may stand inside objects and maps', async () => {
    const options = { list: [(n: number) => n + 1], map: new Map([['f', (n: number) => n * 10]]) };

    expect(await jobs.inside(options)).toBe(11);
  });

  test('throws in the thread what it throws here', async () => {
    const failing = (): never => {
      throw Object.assign(new RangeError('no'), { code: 'E_NO' });
    };

    expect(await jobs.caught(failing)).toEqual(['RangeError', 'no', 'E_NO']);
  });

  test('that throws what nobody takes rejects the call', async () => {
    const failing = (n: number): void => {
      if (n === 3) throw new RangeError('three');
    };

    await expect(jobs.reports(5, failing)).rejects.toThrow(new RangeError('three'));
    await expect(jobs.reports(5, async (n: number) => Promise.resolve(n).then(failing))).rejects.toThrow('three');
  });

  test('cannot be called once the call has settled', async () => {
    await jobs.keeps.with({ key: 'k' })(() => 1);

    expect(await jobs.usesKept.with({ key: 'k' })()).toEqual(['ERR_OFFLOOP_HANDLE_RELEASED', 'OffloopError']);
  });
});

describe('a signal as an argument', () => {
  test('is live in code that blocks', async () => {
    const it = gate();
    const controller = new AbortController();
    const call = jobs.spins(it, controller.signal);
    await reaches(it, 1, 1);

    controller.abort(new Error('stop'));
    expect(await call).toEqual([true, 'stop', true]);
  });

  test('calls its listeners when the loop turns', async () => {
    const it = gate();
    const controller = new AbortController();
    const call = jobs.listens(it, controller.signal);
    await reaches(it, 1, 1);

    controller.abort('reason');
    expect(await call).toEqual([true, 'reason']);
  });

  test('that is aborted already is so in the thread', async () => {
    expect(await jobs.spins(gate(), AbortSignal.abort(new Error('before')))).toEqual([true, 'before', true]);
  });

  test('lets a call end by itself that is aborted by it, and the thread lives on', async () => {
    const it = gate();
    const controller = new AbortController();
    const call = jobs.spins.with({ signal: controller.signal, key: 'same' })(it, controller.signal);
    await reaches(it, 1, 1);

    controller.abort(new Error('stop'));
    await expect(call).rejects.toThrow('stop');
    expect(
      await jobs.usesKept
        .with({ key: 'same' })()
        .catch(() => 'another thread'),
    ).toBeDefined();
  });
});
