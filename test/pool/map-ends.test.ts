/** A function called for every item, until somebody ends it. @module */

import { getEventListeners } from 'node:events';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add } from '../fixtures/jobs/basics.mjs';
import { held, twice } from '../fixtures/jobs/mapped.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { all, items, silent, untilThrown } from '../support/items.ts';

describe('map that is ended', () => {
  /** Two items: one whose call is done, and one whose call would never be. */
  const endless = (it: Int32Array): [number, Int32Array][] => {
    const free = gate();
    open(free);
    return [
      [0, free],
      [1, it],
    ];
  };

  test('by break closes the items and aborts the calls that are out', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const it = gate();
    const source = items(Infinity, (n) => endless(it)[n === 0 ? 0 : 1] as [number, Int32Array]);
    for await (const _ of pool.map(source, held, { concurrency: 2 })) {
      await reaches(it, 1, 1);
      break;
    }

    expect(source.isClosed).toBe(true);
    // Nobody opens the gate: the pool could not be closed with that call in it.
    expect(pool.stats().failed).toBe(1);
  });

  test('by its signal throws the reason, closes the items and aborts the calls that are out', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const it = gate();
    const { signal, abort } = controller();
    const source = items(Infinity, (n) => endless(it)[n === 0 ? 0 : 1] as [number, Int32Array]);
    const results = pool.map(source, held, { concurrency: 2, signal });
    expect((await results.next()).value).toBe(0);
    const next = results.next();
    await reaches(it, 1, 1);
    abort('enough');

    await expect(next).rejects.toBe('enough');
    expect(source.isClosed).toBe(true);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('by its signal throws even if the items keep silent', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const { signal, abort } = controller();
    const outcome = untilThrown(pool.map(silent(), twice, { signal }));
    await add.with({ pool })(1);
    abort('enough');

    expect(await outcome).toEqual({ list: [], thrown: 'enough' });
  });

  test('before it begins pulls nothing', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const source = items(3);
    const { list, thrown } = await untilThrown(pool.map(source, twice, { signal: AbortSignal.abort('no') }));

    expect([list, thrown, source.pulled]).toEqual([[], 'no', 0]);
  });

  test('by the end of the items leaves nothing at its signal', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const { signal } = controller();

    expect(await all(pool.map([1, 2, 3], twice, { signal }))).toEqual([2, 4, 6]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

function controller(): { signal: AbortSignal; abort(reason: unknown): void } {
  const it = new AbortController();
  return { signal: it.signal, abort: (reason) => it.abort(reason) };
}
