/** Signals that are none of Node's: those of jsdom, of polyfills, and of other realms. @module */

import { runInNewContext } from 'node:vm';
import { Event, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { pack } from '../../src/codec/walk/pack.ts';
import { fact, spin } from '../fixtures/jobs/basics.mjs';
import { spins } from '../fixtures/jobs/crossing.mjs';
import { count } from '../fixtures/jobs/generators.mjs';
import { gate, reaches } from '../support/gate.ts';
import { silent } from '../support/items.ts';

/** A signal like that of the first polyfills: without a reason, and its events have no target. */
class ForeignSignal {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  get listening(): number {
    return this.#listeners.size;
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }
}

const made = (): { foreign: ForeignSignal; signal: AbortSignal } => {
  const foreign = new ForeignSignal();
  return { foreign, signal: foreign as unknown as AbortSignal };
};

const abortError = expect.objectContaining({ name: 'AbortError' });

describe('a signal of another make', () => {
  test('ends a call, which rejects with an AbortError where the signal has no reason', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const { foreign, signal } = made();
    const it = gate();
    const call = spin.with({ pool, signal })(it);
    await reaches(it, 1, 1);
    foreign.abort();

    await expect(call).rejects.toEqual(abortError);
    await expect(spin.with({ pool, signal })()).rejects.toEqual(abortError);
    expect(foreign.listening).toBe(0);
  });

  test('ends a wait, an iterator, and what waits for a pool', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 0 });
    const busy = expect(spin.with({ pool })()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    const { foreign, signal } = made();
    const iterator = count.with({ signal })(1e6);
    const endings = [
      new Event().waitAsync({ signal }),
      iterator.next().then(async () => iterator.next()),
      pool.ready({ signal }),
      pool.map(silent(), fact, { signal }).next(),
    ];
    foreign.abort();

    for (const ending of endings) await expect(ending).rejects.toEqual(abortError);
    expect(foreign.listening).toBe(0);
    await pool.terminate();
    await busy;
  });

  test('is a live AbortSignal in the thread that it is passed to', async () => {
    const { foreign, signal } = made();
    const it = gate();
    const call = spins(it, signal);
    await reaches(it, 1, 1);
    foreign.abort();

    expect(await call).toEqual([true, 'This operation was aborted', true]);
  });

  test('is known by what it does, and nothing else is taken for one', () => {
    const scope = { root: 'args', exportSignal: () => ({ flag: new Int32Array(1), port: new MessageChannel().port1 }) };
    const kindOf = (value: unknown): unknown => pack([value], scope).holes?.[0]?.[2];

    expect(kindOf(made().signal)).toBe('signal');
    expect(kindOf(AbortSignal.abort())).toBe('signal');
    expect(kindOf({ aborted: true })).toBeUndefined();
    expect(kindOf(runInNewContext('({ aborted: false })'))).toBeUndefined();
    const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' });
    expect(() => spin.with({ signal: { aborted: false } as AbortSignal })).toThrow(refused);
    expect(() => spin.with({ signal: new EventTarget() as AbortSignal })).toThrow(refused);
  });
});
