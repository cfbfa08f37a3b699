/** Locks between the main side and threads. @module */

import { inspect } from 'node:util';
import { Lock, ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { gate, open, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

const coded = (code: string): Error => expect.objectContaining({ name: 'OffloopError', code }) as Error;

describe('a lock', () => {
  test('that a thread holds is held here, until it gives it back', async () => {
    const lock = new Lock();
    const it = gate();
    const holding = jobs.holds.with({ pool })(lock, it);
    await reaches(it, 1, 1);
    expect([lock.isHeld, lock.tryAcquire()]).toEqual([true, undefined]);
    await expect(lock.acquireAsync({ timeout: 5 })).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));
    const waiting = lock.acquireAsync();

    open(it);
    await holding;
    await using pass = await waiting;
    expect([lock.isHeld, pass]).toEqual([true, expect.anything()]);
  });

  test('that is held here keeps threads waiting', async () => {
    const lock = new Lock();
    const it = gate();
    const pass = await lock.acquireAsync();
    const waiting = [jobs.acquires.with({ pool })(lock, it), jobs.acquires.with({ pool })(lock, it)];
    await reaches(it, 1, 2);
    expect(it[2]).toBe(0);

    pass[Symbol.dispose]();
    await Promise.all(waiting);
    expect([it[2], lock.isHeld]).toEqual([2, false]);
  });

  test('is given to those who wait here in their order', async () => {
    const lock = new Lock();
    const first = lock.tryAcquire();
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (n) => {
      await using pass = await lock.acquireAsync();
      expect(pass).toBeDefined();
      order.push(n);
    });
    first?.[Symbol.dispose]();

    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3]);
  });

  test('is not given to who has left', async () => {
    const lock = new Lock();
    const first = lock.tryAcquire();
    const impatient = new AbortController();
    const gone = lock.acquireAsync({ signal: impatient.signal });
    const patient = lock.acquireAsync();

    impatient.abort(new Error('had a train to catch'));
    await expect(gone).rejects.toThrow('had a train to catch');
    first?.[Symbol.dispose]();
    await expect(patient).resolves.toBeDefined();
  });

  test('is no deadlock of one thread', async () => {
    expect(await jobs.twice.with({ pool })(new Lock())).toEqual([undefined, 'ERR_OFFLOOP_DEADLOCK', true, false]);
  });

  test('never blocks the main side', () => {
    expect(() => new Lock().acquire()).toThrow(coded('ERR_OFFLOOP_WOULD_BLOCK'));
  });

  test('says what it is', () => {
    const lock = new Lock();
    expect(inspect(lock)).toBe('Lock { held: false }');
    lock.tryAcquire();
    expect(inspect({ lock })).toBe('{ lock: Lock { held: true } }');
  });
});

describe('what is not held', () => {
  test('cannot be released', () => {
    const lock = new Lock();
    expect(() => lock.release()).toThrow(coded('ERR_OFFLOOP_NOT_HELD'));
    lock.tryAcquire();
    lock.release();
    expect(() => lock.release()).toThrow(coded('ERR_OFFLOOP_NOT_HELD'));
  });

  test('by this thread cannot be released', async () => {
    const lock = new Lock();
    await lock.acquireAsync();

    expect(await jobs.code.with({ pool })(lock, 'release')).toBe('ERR_OFFLOOP_NOT_HELD');
    expect(lock.isHeld).toBe(true);
  });
});

describe('a pass', () => {
  test('releases its own hold, once', async () => {
    const lock = new Lock();
    const first = await lock.acquireAsync();
    first[Symbol.dispose]();
    const second = await lock.acquireAsync();
    first[Symbol.dispose]();
    await first[Symbol.asyncDispose]();
    expect(lock.isHeld).toBe(true);

    lock.release();
    const third = await lock.acquireAsync();
    second[Symbol.dispose]();
    expect(lock.isHeld).toBe(true);
    third[Symbol.dispose]();
    expect(lock.isHeld).toBe(false);
  });

  test('is for using', () => {
    const lock = new Lock();
    {
      using pass = lock.tryAcquire();
      expect([pass, lock.isHeld]).toEqual([expect.anything(), true]);
    }

    expect(lock.isHeld).toBe(false);
  });
});
