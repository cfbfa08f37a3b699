/** The signal of the running call, as its function sees it. @module */

import { callSignal, configure, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { where } from '../fixtures/jobs/basics.mjs';
import { keeps, listens, looks, seesKept, separateLooks, spins, spinsAlone } from '../fixtures/jobs/signalled.mjs';
import { gate, reaches } from '../support/gate.ts';

describe('callSignal', () => {
  test('is live in blocking code, with the reason', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const controller = new AbortController();
    const call = spins.with({ pool, signal: controller.signal })(it, 'enough');
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await reaches(it, 2, 1);
    expect(it[2]).toBe(1);
    expect(await where.with({ pool })()).toBe(it[1]);
  });

  test('is aborted with ERR_OFFLOOP_TIMEOUT when the call takes too long', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const call = spins.with({ pool, timeout: 20 })(it, 'ERR_OFFLOOP_TIMEOUT');

    await expect(call).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    await reaches(it, 2, 1);
    expect(it[2]).toBe(1);
  });

  test('calls its listeners when the loop turns', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const controller = new AbortController();
    const call = listens.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await reaches(it, 2, 1);
    expect([it[2], await where.with({ pool })()]).toEqual([1, it[1]]);
  });

  test('is the same one for as long as the call runs', async () => {
    await using pool = new ThreadPool({ size: 1 });

    expect(await looks.with({ pool })()).toEqual([true, true, false]);
    expect(await looks.with({ pool, signal: new AbortController().signal, timeout: 60_000 })()).toEqual([
      true,
      true,
      false,
    ]);
    expect(await separateLooks()).toEqual([true, false]);
  });

  test('keeps its state when the call is over, whatever becomes of later ones', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const earlier = new AbortController();
    await keeps.with({ pool, signal: earlier.signal })();
    earlier.abort('too late');
    const it = gate();
    const controller = new AbortController();
    const call = seesKept.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await reaches(it, 2, 1);
    expect(it[2]).toBe(1);
  });

  test('works in a thread of its own', async () => {
    const it = gate();
    const controller = new AbortController();
    const call = spinsAlone.with({ signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await reaches(it, 2, 1);
  });

  test('is never aborted outside of any call', async () => {
    expect(callSignal()).toBe(callSignal());
    expect([callSignal().aborted, callSignal() instanceof AbortSignal]).toEqual([false, true]);
    expect(await looks.syncCall()).toEqual([true, true, false]);
  });
});

describe('callSignal in inline mode', () => {
  test('is the same one for as long as the call runs', async () => {
    configure({ inline: true });
    try {
      expect(await Promise.all([looks(), looks()])).toEqual([
        [true, true, false],
        [true, true, false],
      ]);
    } finally {
      configure({ inline: false });
    }
  });
});
