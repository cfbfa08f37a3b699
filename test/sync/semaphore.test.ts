/** Semaphores between the main side and threads. @module */

import { inspect } from 'node:util';
import { Semaphore, ThreadPool } from 'offloop';
import type { Pass } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { gate, open, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

const coded = (code: string): Error => expect.objectContaining({ name: 'OffloopError', code }) as Error;

describe('a semaphore', () => {
  test('gives as many permits as it has, to all threads together', async () => {
    const semaphore = new Semaphore(3);
    const it = gate();
    const holding = [jobs.holds.with({ pool })(semaphore, it), jobs.holds.with({ pool })(semaphore, it)];
    await reaches(it, 1, 2);
    expect(semaphore.value).toBe(1);
    const pass = semaphore.tryAcquire();
    expect([semaphore.value, semaphore.tryAcquire()]).toEqual([0, undefined]);
    await expect(semaphore.acquireAsync({ timeout: 5 })).rejects.toThrow(coded('ERR_OFFLOOP_TIMEOUT'));

    const waiting = semaphore.acquireAsync();
    open(it);
    await Promise.all(holding);
    (await waiting)[Symbol.dispose]();
    pass?.[Symbol.dispose]();
    expect(semaphore.value).toBe(3);
  });

  test('whose permits are all held here keeps threads waiting', async () => {
    const semaphore = new Semaphore(1);
    const it = gate();
    const pass = await semaphore.acquireAsync();
    const waiting = jobs.acquires.with({ pool })(semaphore, it);
    await reaches(it, 1, 1);
    expect(it[2]).toBe(0);

    pass[Symbol.dispose]();
    await waiting;
    expect([it[2], semaphore.value]).toEqual([1, 1]);
  });

  test('takes a permit back from another thread than the one that acquired it', async () => {
    const semaphore = new Semaphore(2);
    expect(await jobs.takes.with({ pool })(semaphore)).toBe(1);
    await semaphore.acquireAsync();
    semaphore.release();
    semaphore.release();

    expect(semaphore.value).toBe(2);
    expect(await jobs.code.with({ pool })(semaphore, 'release')).toBe('ERR_OFFLOOP_NOT_HELD');
  });

  test('never has more permits than it was made with', () => {
    const semaphore = new Semaphore(2);
    expect(() => semaphore.release()).toThrow(coded('ERR_OFFLOOP_NOT_HELD'));
    semaphore.tryAcquire();
    semaphore.release();
    expect(() => semaphore.release()).toThrow(coded('ERR_OFFLOOP_NOT_HELD'));
    expect(semaphore.value).toBe(2);
  });

  test('counts many permits of one thread', () => {
    const semaphore = new Semaphore(10_000);
    const passes: (Pass | undefined)[] = Array.from({ length: 10_000 }, () => semaphore.tryAcquire());
    expect([semaphore.value, semaphore.tryAcquire()]).toEqual([0, undefined]);

    for (const pass of passes) pass?.[Symbol.dispose]();
    for (const pass of passes) pass?.[Symbol.dispose]();
    expect(semaphore.value).toBe(10_000);
  });

  test('never blocks the main side', () => {
    expect(() => new Semaphore(1).acquire()).toThrow(coded('ERR_OFFLOOP_WOULD_BLOCK'));
  });

  test('says what it is', () => {
    expect(inspect(new Semaphore(2))).toBe('Semaphore { value: 2, count: 2 }');
  });

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 31, '1', undefined, null])('of %s permits is refused', (count) => {
    const refused = expect.objectContaining({ name: 'TypeError', code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;

    expect(() => new Semaphore(count as number)).toThrow(refused);
  });
});

test('a pass of a permit that was given back does nothing', async () => {
  const semaphore = new Semaphore(2);
  const [first, second] = [await semaphore.acquireAsync(), await semaphore.acquireAsync()];
  semaphore.release();
  semaphore.release();
  first[Symbol.dispose]();
  second[Symbol.dispose]();

  expect(semaphore.value).toBe(2);
});
