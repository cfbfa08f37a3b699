/** The iterators over what is published are bounded, and end. @module */

import { getEventListeners } from 'node:events';
import { ThreadPool } from 'offloop';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/cached.mjs';
import { UpdatesThere } from '../../src/cache/updates/updates-there.ts';
import { newPath, opened } from '../support/caches.ts';
import { gate, open, reaches } from '../support/gate.ts';
import { collect } from '../support/heap.ts';

const pool = new ThreadPool({ size: 1 });
afterAll(async () => pool.close());

const full = expect.objectContaining({ code: 'ERR_OFFLOOP_OVERFLOW' }) as Error;

describe('the updates of a cache', () => {
  test('begin when they are asked for, and each iterator gets all of them', async () => {
    const cache = opened<number>({});
    await cache('before', 0);
    const [first, second] = [cache.updates(), cache.updates()];
    await cache('a', 1);
    const third = cache[Symbol.asyncIterator]();
    await cache('b', 2);

    expect(first.snapshot()).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(second.drain()).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(await third.next()).toEqual({ value: ['b', 2], done: false });
    expect(first.size).toBe(2);
  });

  test('make whoever publishes wait while as many wait as maxSize says', async () => {
    const cache = opened<number>({});
    const updates = cache.updates({ maxSize: 1 });
    await cache('a', 1);
    let isDone = false;
    const publishing = cache('a', 2).then(() => (isDone = true));
    // The entry itself does not wait.
    await expect.poll(() => cache.get('a')).toBe(2);

    expect(isDone).toBe(false);
    expect((await updates.next()).value).toEqual(['a', 1]);
    await publishing;
    expect((await updates.next()).value).toEqual(['a', 2]);
  });

  test.each([
    ['drop-oldest', [2, 3]],
    ['drop-newest', [0, 1]],
  ] as const)('drop with overflow %s', async (overflow, left) => {
    const cache = opened<number>({});
    const updates = cache.updates({ maxSize: 2, overflow });
    for (let i = 0; i < 4; i += 1) await cache('a', i);

    expect(updates.drain().map(([, n]) => n)).toEqual(left);
    expect(updates.dropped).toBe(2);
  });

  test('end with overflow error, after those that wait, and for that iterator alone', async () => {
    const cache = opened<number>({});
    const updates = cache.updates({ maxSize: 1, overflow: 'error' });
    const others = cache.updates();
    for (let i = 0; i < 3; i += 1) await cache('a', i);

    expect((await updates.next()).value).toEqual(['a', 0]);
    await expect(updates.next()).rejects.toThrow(full);
    expect(await updates.next()).toEqual({ value: undefined, done: true });
    expect(others.size).toBe(3);
  });

  test('end by break, by their signal and by the end of the cache', async () => {
    const cache = opened<number>({});
    const leaving = new AbortController();
    const left = cache.updates({ signal: leaving.signal, maxSize: 1 });
    const pending = left.next();
    leaving.abort(new Error('has left'));
    await expect(pending).rejects.toThrow('has left');
    expect(await left.next()).toEqual({ value: undefined, done: true });
    expect(getEventListeners(leaving.signal, 'abort')).toEqual([]);
    await expect(cache.updates({ signal: leaving.signal }).next()).rejects.toThrow('has left');

    const broken = cache.updates({ maxSize: 1 });
    await cache('a', 1);
    for await (const _ of broken) break;
    const last = cache.updates();
    const end = last.next();
    await Promise.all([cache('a', 2), cache('a', 3)]);
    await cache.close();
    expect([broken.closed, last.closed]).toEqual([true, true]);
    expect((await end).value).toEqual(['a', 2]);
  });

  test('of an iterator that the program has lost do not hold up those who publish', async () => {
    const cache = opened<number>({});
    (() => void cache.updates({ maxSize: 1 }))();
    await jobs.losesUpdates.with({ pool })(cache.path);
    let isDone = false;
    const publishing = Promise.all([cache('a', 1), cache('a', 2)]).then(() => (isDone = true));
    await expect
      .poll(
        async () => {
          collect();
          await jobs.collects.with({ pool })();
          return isDone;
        },
        { timeout: 20_000 },
      )
      .toBe(true);

    await publishing;
  });

  test('reach an iterator of a thread also where the call that publishes them is aborted', async () => {
    const path = newPath();
    const cache = opened<number>({}, path);
    const [it, leaving] = [gate(), new AbortController()];
    const listening = jobs.listensLate(path, 3, it);
    await reaches(it, 1, 1);
    await cache('a', 9);
    // There is room for one.
    const publishing = jobs.publishes
      .with({ pool, signal: leaving.signal })(path, {}, 'a', 5)
      .catch(() => 'aborted');
    await expect.poll(() => cache.get('a')).toBe(0);
    leaving.abort();
    expect(await publishing).toBe('aborted');
    const last = cache('a', 2);
    open(it);

    expect(await listening).toEqual([9, 0, 2]);
    await last;
  });

  test('end with an error where the main side could not give one to an iterator of a thread', async () => {
    const there = new UpdatesThere({ maxSize: 1, overflow: 'block', signal: undefined });
    there.channel.close();

    await expect(there.next()).rejects.toThrow(full);
    expect(await there.next()).toEqual({ value: undefined, done: true });
  });
});
