/** A pool tells of threads that start, end and are replaced, and the diagnostics channels of those of single calls, too. @module */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { configure, ThreadPool } from 'offloop';
import type { ThreadEndEvent, ThreadReplaceEvent, ThreadStartEvent } from 'offloop';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alone, exits as exitsSeparately, gives, throwsLate as throwsSeparately } from '../fixtures/jobs/lined.mjs';
import { block, separateInside, spin, where } from '../fixtures/jobs/basics.mjs';
import { exits, throwsLate } from '../fixtures/jobs/failing.mjs';
import { init, state, teardown } from '../fixtures/jobs/prepared.mjs';
import { hoards } from '../fixtures/jobs/staff.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { note, tell } from '../support/note.ts';
import { later } from '../support/later.ts';

const wide = { timeout: 15_000, interval: 5 };

type Told = ['start', ThreadStartEvent] | ['end', ThreadEndEvent] | ['replace', ThreadReplaceEvent];

/** All that `pool` tells. */
function listen(pool: ThreadPool): Told[] {
  const told: Told[] = [];
  pool.on('threadStart', (event) => told.push(['start', event]));
  pool.on('threadEnd', (event) => told.push(['end', event]));
  pool.on('threadReplace', (event) => told.push(['replace', event]));
  return told;
}

const ends = (told: readonly Told[]): unknown[] =>
  told.flatMap(([what, event]) => (what === 'end' ? [event.reason] : []));

describe('a pool', () => {
  test('tells of each thread that takes calls, once it is set up, and of its end', async () => {
    const it = note('initWaits');
    const pool = new ThreadPool({ size: 2, init });
    const told = listen(pool);
    const calls = pool.runOnAll(where);
    await reaches(it, 1, 2);
    expect(told).toEqual([]);
    open(it);
    const threads = await calls;
    expect(new Set(told)).toEqual(new Set(threads.map((threadId, i) => ['start', { threadId, number: i + 1, pool }])));
    await pool.close();

    expect(new Set(told.slice(2))).toEqual(
      new Set(
        threads.map((threadId, i) => [
          'end',
          { threadId, number: i + 1, pool, reason: 'closed', exitCode: expect.any(Number), error: undefined },
        ]),
      ),
    );
  });

  test('tells which thread has replaced which one, and why', async () => {
    await using pool = new ThreadPool({ size: 1, maxTasksPerThread: 1 });
    const told = listen(pool);
    const [one, two] = [await where.with({ pool })(), await where.with({ pool })()];
    await vi.waitFor(() => expect(ends(told)).toContain('calls'), wide);

    expect(told.slice(0, 3)).toEqual([
      ['start', { threadId: one, number: 1, pool }],
      ['start', { threadId: two, number: 1, pool }],
      ['replace', { threadId: two, number: 1, pool, replaced: one, reason: 'calls' }],
    ]);
  });

  test.each<[string, object, (pool: ThreadPool) => Promise<unknown>, object]>([
    ['exits', {}, async (pool) => exits.with({ pool })(3), { reason: 'exit', exitCode: 3, error: undefined }],
    [
      'has an error that is not caught',
      {},
      async (pool) => throwsLate.with({ pool })(),
      { reason: 'error', error: expect.any(Error) },
    ],
    ['is ended for its call', {}, async (pool) => spin.with({ pool, timeout: 50 })(), { reason: 'aborted' }],
    ['is old', { maxAge: 50 }, async (pool) => vi.waitFor(async () => changed(pool), wide), { reason: 'age' }],
    [
      'uses much of its heap',
      { maxHeap: 60 * 2 ** 20 },
      async (pool) => {
        await hoards.with({ pool })(100 * 2 ** 20);
        await vi.waitFor(async () => changed(pool), wide);
      },
      { reason: 'heap' },
    ],
    ['is recycled', {}, async (pool) => pool.recycle(), { reason: 'recycled' }],
  ])('says so when a thread %s, and what replaces it', async (_, options, action, end) => {
    await using pool = new ThreadPool({ size: 1, ...options });
    const first = await where.with({ pool })();
    const told = listen(pool);
    await action(pool).catch(() => undefined);
    await where.with({ pool })();
    await vi.waitFor(() => expect(ends(told).length).toBeGreaterThan(0), wide);

    expect(told.find(([what]) => what === 'end')).toEqual([
      'end',
      expect.objectContaining({ threadId: first, ...end }),
    ]);
    const { reason } = end as { reason: string };
    const [, event] = told.find(([what]) => what === 'replace') ?? [];
    expect(event).toMatchObject({ replaced: first, reason, number: 1 });
  });

  test('says that a thread was idle, and that nothing has replaced it', async () => {
    await using pool = new ThreadPool({ size: 1, idleTimeout: 20 });
    const told = listen(pool);
    await where.with({ pool })();
    await vi.waitFor(() => expect(ends(told)).toEqual(['idle']), wide);
    await where.with({ pool })();

    expect(told.filter(([what]) => what === 'replace')).toEqual([]);
  });

  test('does not tell of threads that were never set up', async () => {
    note('initThrows');
    await using pool = new ThreadPool({ size: 1, init });
    const told = listen(pool);
    await expect(state.with({ pool })()).rejects.toThrow(RangeError);
    await vi.waitFor(() => expect(pool.stats().ending).toBe(0), wide);

    expect(told).toEqual([]);
  });

  test('goes on if a listener throws, which is an uncaught error of the program', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const uncaught = later<unknown>();
    const listeners = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', uncaught.resolve);
    pool.once('threadStart', () => {
      throw new Error('of the listener');
    });

    expect(await where.with({ pool })()).toBeGreaterThan(0);
    expect(await uncaught.promise).toMatchObject({ message: 'of the listener' });
    for (const listener of listeners) process.on('uncaughtException', listener as () => void);
  });
});

/** A separate call that is given up while it runs. */
async function givenUp(): Promise<void> {
  const it = gate();
  const controller = new AbortController();
  const call = alone.with({ signal: controller.signal })(undefined, 1, it);
  await reaches(it, 1, 1);
  controller.abort('enough');
  await expect(call).rejects.toBe('enough');
}

/** Throws unless the only thread of `pool` has been replaced. */
async function changed(pool: ThreadPool): Promise<void> {
  const before = seen.get(pool) ?? (await where.with({ pool })());
  seen.set(pool, before);
  expect(await where.with({ pool })()).not.toBe(before);
}

const seen = new WeakMap<ThreadPool, number>();

describe('the diagnostics channels', () => {
  const told: [string, ThreadStartEvent & Partial<ThreadEndEvent>][] = [];
  const hear = (message: unknown, name: string | symbol): void =>
    void told.push([String(name), message as ThreadStartEvent]);
  const names = ['offloop:thread:start', 'offloop:thread:end', 'offloop:thread:replace'];

  beforeEach(() => {
    configure({ spare: 0 });
    told.length = 0;
    for (const name of names) subscribe(name, hear);
  });
  afterEach(() => {
    for (const name of names) unsubscribe(name, hear);
    configure({ spare: 1 });
  });

  test('tell of the threads of all pools', async () => {
    const pool = new ThreadPool({ size: 1 });
    const one = await where.with({ pool })();
    await exits
      .with({ pool })(3)
      .catch(() => undefined);
    const two = await where.with({ pool })();
    await pool.close();

    expect(
      told
        .filter(([, { pool: from }]) => from === pool)
        .map(([name, { threadId, reason }]) => [name, threadId, reason]),
    ).toEqual([
      ['offloop:thread:start', one, undefined],
      ['offloop:thread:end', one, 'exit'],
      ['offloop:thread:start', two, undefined],
      ['offloop:thread:replace', two, 'exit'],
      ['offloop:thread:end', two, 'closed'],
    ]);
  });

  test.each<[string, () => Promise<unknown>, object]>([
    ['is over', async () => gives(1), { reason: 'done', error: undefined }],
    ['exits', async () => exitsSeparately(4), { reason: 'exit', exitCode: 4 }],
    [
      'throws later',
      async () => throwsSeparately(),
      { reason: 'error', error: expect.objectContaining({ message: 'late' }) },
    ],
    ['is given up', async () => givenUp(), { reason: 'aborted' }],
  ])('tell of the thread of a separate call that %s', async (_, call, end) => {
    await call().catch(() => undefined);
    await vi.waitFor(() => expect(told.filter(([name]) => name === names[1])).not.toEqual([]), wide);
    const [[, { threadId }]] = told.filter(([name]) => name === names[0]) as [(typeof told)[number]];

    expect(told).toContainEqual(['offloop:thread:start', { threadId, number: undefined, pool: undefined }]);
    expect(told).toContainEqual([
      'offloop:thread:end',
      expect.objectContaining({ threadId, number: undefined, pool: undefined, ...end }),
    ]);
  });

  test('tell of the thread of a separate call that a thread has made', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const [[, inner]] = await separateInside.with({ pool })(1);
    await vi.waitFor(() => expect(told.filter(([name]) => name === names[1])).toHaveLength(1), wide);

    expect(told).toContainEqual(['offloop:thread:end', expect.objectContaining({ threadId: inner, reason: 'done' })]);
  });
});

describe('recycle', () => {
  test('replaces all threads, and resolves when they have left; they take calls until then', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 2, init, teardown });
    const before = await pool.runOnAll(where);
    tell(it, 'initWaits');
    const recycled = pool.recycle();
    await reaches(it, 1, 4);
    expect(before).toContain(await where.with({ pool })());
    expect(pool.stats().threads).toBe(2);
    open(it);
    await recycled;

    expect(pool.stats().threads).toBe(2);
    const after = await pool.runOnAll(where);
    expect(new Set([...before, ...after]).size).toBe(4);
    expect([it[1], it[2]]).toEqual([4, 2]);
  });

  test('waits for calls that run', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const running = block.with({ pool })(it, 'ran');
    await reaches(it, 1, 1);
    let isDone = false;
    const recycled = pool.recycle().then(() => (isDone = true));
    await once(pool, 'threadStart');
    const next = where.with({ pool })();
    expect(isDone).toBe(false);
    open(it);

    expect(await running).toBe('ran');
    expect(await next).not.toBe(it[1]);
    await recycled;
  });

  test('ends threads that cannot be replaced when they are free, and resolves', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, init });
    await state.with({ pool })();
    tell(it, 'initThrows');
    await pool.recycle();

    expect(pool.stats().threads).toBe(0);
    tell(it, 'nothing');
    expect(await where.with({ pool })()).toBeGreaterThan(0);
  });

  test('replaces threads that are being started, and those that replace others', async () => {
    const it = note('initWaits');
    await using pool = new ThreadPool({ size: 1, maxTasksPerThread: 1, init });
    const first = where.with({ pool })();
    await reaches(it, 1, 1);
    const recycled = pool.recycle();
    tell(it, 'nothing');
    open(it);
    await recycled;
    const [one, two] = [await first, where.with({ pool })()];
    await pool.recycle();

    expect(await two).not.toBe(one);
  });

  test('is done at once in a pool without threads, and in one that was closed', async () => {
    const pool = new ThreadPool({ size: 1 });
    await pool.recycle();
    await where.with({ pool })();
    await pool.close();
    await pool.recycle();

    expect(pool.stats().threads).toBe(0);
  });

  test('is settled by terminate', async () => {
    const pool = new ThreadPool({ size: 1 });
    const it = gate();
    const outcome = Promise.allSettled([block.with({ pool })(it, 1)]);
    await reaches(it, 1, 1);
    const recycled = pool.recycle();
    await pool.terminate();
    await recycled;

    expect(await outcome).toMatchObject([{ reason: { code: 'ERR_OFFLOOP_CLOSED' } }]);
  });
});
