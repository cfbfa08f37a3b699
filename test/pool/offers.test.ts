/** Calls of milliseconds that wait while all threads of a pool are busy: the threads take them by themselves. @module */

import { setImmediate } from 'node:timers/promises';
import { ThreadPool } from 'offloop';
import { afterEach, expect, test } from 'vitest';
import { paces, quits, share } from '../fixtures/jobs/lined.mjs';
import { reaches } from '../support/gate.ts';

/** The doors of the two calls that occupy the threads, and one more. */
const [left, right, inner] = [4, 5, 6] as const;

/** At least so many calls are offered, however slow the machine is. */
const offered = 2;

/** How long main may block until something has happened in threads, in milliseconds. */
const deadline = 20_000;

let pools: ThreadPool[] = [];
let doors: Int32Array[] = [];

afterEach(async () => {
  for (const it of doors) for (const door of [left, right, inner]) openDoor(it, door);
  await Promise.all(pools.map(async (pool) => pool.terminate()));
  [pools, doors] = [[], []];
});

function openDoor(it: Int32Array, door: number): void {
  Atomics.store(it, door, 1);
  Atomics.notify(it, door);
}

/** Blocks main, which then answers nobody, until the field `index` is `value`. */
function blockUntil(it: Int32Array, index: number, value: number): void {
  for (let now = Atomics.load(it, index); now < value; now = Atomics.load(it, index)) {
    if (Atomics.wait(it, index, now, deadline) === 'timed-out') throw new Error(`${index} is ${now}, not ${value}`);
  }
}

interface Line {
  readonly pool: ThreadPool;
  readonly it: Int32Array;

  /** The calls that occupy the two threads. */
  readonly occupying: Promise<unknown>[];

  /** Makes the calls with these names, and waits until they have left. */
  wait(names: string, options?: object): Promise<Promise<Ran>[]>;
}

type Ran = Awaited<ReturnType<typeof paces>>;

/** A pool of two threads that know the functions, each of which has a call that stands before a door. */
async function occupied(options: object = {}, first: (typeof paces | typeof quits)[] = []): Promise<Line> {
  const pool = new ThreadPool({ size: 2, minThreads: 2, ...options });
  const it = new Int32Array(new SharedArrayBuffer(64));
  pools.push(pool);
  doors.push(it);
  await pool.runOnAll(share, it);
  for (const door of [left, right]) openDoor(it, door);
  // Each thread is free, and has the function after that.
  for (let round = 0; round < 2; round += 1) {
    await Promise.all(Array.from({ length: 2 }, async () => paces.with({ pool })('warm')));
  }
  Atomics.store(it, left, 0);
  Atomics.store(it, right, 0);
  Atomics.store(it, 1, 0);
  const occupying = [left, right].map(async (door, i) => {
    const call = first[i] === quits ? quits.with({ pool })(door) : paces.with({ pool })('occupying', door);
    return call.catch((error: unknown) => error);
  });
  await reaches(it, 1, 2);
  Atomics.store(it, 2, 0);
  return {
    pool,
    it,
    occupying,
    async wait(names, more = {}) {
      const calls = Array.from(names, async (name) => paces.with({ pool, ...more })(name));
      for (const call of calls) call.catch(() => undefined);
      await Promise.resolve();
      return calls;
    },
  };
}

/** The names in the order in which the calls started. */
const inOrder = (answers: readonly Ran[]): string =>
  answers
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value)
    .join('');

test('a thread that has ended its call begins the next ones in their order, though main does nothing', async () => {
  const { it, wait, pool } = await occupied();
  const calls = await wait('abcde');

  openDoor(it, left);
  blockUntil(it, 2, offered);
  expect(pool.stats()).toMatchObject({ busy: 2 });
  const answers = await Promise.all(calls);
  expect(inOrder(answers)).toBe('abcde');
  // None waits behind the long call of the other thread.
  expect(new Set(answers.map(({ thread }) => thread)).size).toBe(1);
});

test('a call that a thread has taken counts as running, the others as waiting', async () => {
  const { it, occupying, pool, wait } = await occupied();
  const calls = [paces.with({ pool })('a', inner), ...(await wait('bcd'))];
  expect(pool.stats()).toMatchObject({ busy: 2, queued: 4 });

  openDoor(it, left);
  blockUntil(it, 1, 3);
  expect(pool.stats()).toMatchObject({ busy: 2, queued: 3 });
  await occupying[0];
  expect(pool.stats()).toMatchObject({ busy: 2, queued: 3 });
  openDoor(it, inner);
  expect(inOrder(await Promise.all(calls))).toBe('abcd');
});

test('calls of a higher priority go before, those of a lower one behind', async () => {
  const { it, pool, wait } = await occupied();
  const calls = [...(await wait('cd')), ...(await wait('x', { priority: -1 })), ...(await wait('e'))];
  calls.push(...(await wait('b', { priority: 1 })), paces.with({ pool, priority: 2 })('a'));

  openDoor(it, left);
  expect(inOrder(await Promise.all(calls))).toBe('abcdex');
});

test('a call that is aborted while it waits never starts', async () => {
  const { it, wait, pool } = await occupied();
  const controller = new AbortController();
  const before = await wait('a');
  const gone = await wait('b', { signal: controller.signal });
  const behind = await wait('c');
  controller.abort(new Error('not needed'));
  // The call that is offered in its place leaves at the end of the turn.
  await setImmediate();
  openDoor(it, left);
  blockUntil(it, 2, 2);

  await expect(gone[0]).rejects.toThrow('not needed');
  expect(inOrder(await Promise.all([...before, ...behind]))).toBe('ac');
  expect(Atomics.load(it, 2)).toBe(2);
  expect(pool.stats().queued).toBe(0);
});

test('a call that is aborted after a thread has taken it ends with its thread, and no other call does', async () => {
  const { it, pool, wait, occupying } = await occupied();
  const controller = new AbortController();
  const taken = paces.with({ pool, signal: controller.signal })('a', inner);
  const behind = await wait('bc');
  openDoor(it, left);
  blockUntil(it, 1, 3);
  controller.abort(new Error('took too long'));
  openDoor(it, right);

  await expect(taken).rejects.toThrow('took too long');
  expect(inOrder(await Promise.all(behind))).toBe('bc');
  expect(await Promise.all(occupying)).toMatchObject([{ value: 'occupying' }, { value: 'occupying' }]);
});

test('its timeout begins when a thread takes it', async () => {
  const { it, pool } = await occupied();
  const slow = paces.with({ pool, timeout: 100 })('a', inner);
  openDoor(it, left);

  await expect(slow).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  expect(Atomics.load(it, 1)).toBe(3);
});

test('calls that wait count for maxQueue', async () => {
  const { it, pool, wait } = await occupied({ maxQueue: offered });
  const calls = await wait('ab');

  await expect(paces.with({ pool })('c')).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' });
  openDoor(it, left);
  blockUntil(it, 2, offered);
  // They have started, so that there is room, before main has heard of it.
  calls.push(paces.with({ pool })('d'));
  expect(inOrder(await Promise.all(calls))).toBe('abd');
});

test('calls run elsewhere if a thread ends that was offered them, also one that has none', async () => {
  const { it, wait, occupying } = await occupied({}, [quits]);
  const calls = await wait('abcdef');
  openDoor(it, left);

  expect(await occupying[0]).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
  openDoor(it, right);
  expect((await Promise.all(calls)).map(({ value }) => value).join('')).toBe('abcdef');
});

test('calls of a key keep their order and their thread among the others', async () => {
  const { it, pool, wait } = await occupied();
  const calls = await wait('ab');
  const keyed = [...(await wait('1', { key: 'k' })), ...(await wait('2', { key: 'k' }))];
  calls.push(...(await wait('c')));
  openDoor(it, left);
  openDoor(it, right);
  const [one, two] = await Promise.all(keyed);

  expect(one?.thread).toBe(two?.thread);
  expect(Number(one?.place)).toBeLessThan(Number(two?.place));
  expect((await Promise.all(calls)).map(({ value }) => value).join('')).toBe('abc');
  expect(pool.stats().queued).toBe(0);
});

test.each([
  ['calls of keys', Array.from({ length: 8 }, (_, i) => ({ key: `key ${i}` }))],
  ['a call that cannot be offered', [{ priority: -1 }]],
])('%s, behind one that blocks one thread, find the other idle', async (_title, options) => {
  const { it, pool, wait } = await occupied();
  const blocking = paces.with({ pool })('a', inner);
  await Promise.resolve();
  const behind = (await Promise.all(options.map(async (more) => wait('b', more)))).flat();
  openDoor(it, left);
  openDoor(it, right);

  expect(await Promise.race(behind)).toMatchObject({ value: 'b' });
  expect(pool.stats().busy).toBeGreaterThan(0);
  openDoor(it, inner);
  expect(await blocking).toMatchObject({ value: 'a' });
  expect(await Promise.all(behind)).toHaveLength(options.length);
});

test('calls that have waited run in new threads if theirs are replaced', async () => {
  const { it, pool, wait } = await occupied();
  const calls = await wait('abcdef');
  const recycled = pool.recycle();
  openDoor(it, left);
  openDoor(it, right);

  expect((await Promise.all(calls)).map(({ value }) => value).join('')).toBe('abcdef');
  await recycled;
});

test('more calls than are offered at once run once each, in whatever thread', async () => {
  const { it, pool } = await occupied();
  const calls = Array.from({ length: 200 }, async (_, i) =>
    paces.with({ pool, priority: i % 50 === 49 ? 1 : 0 })(`${i}`),
  );
  openDoor(it, left);
  openDoor(it, right);

  expect((await Promise.all(calls)).map(({ value }) => value)).toEqual(calls.map((_, i) => `${i}`));
  expect(Atomics.load(it, 2)).toBe(200);
  expect(pool.stats()).toMatchObject({ queued: 0, busy: 0 });
});

test('a pool that is closed runs the calls that wait, and ends', async () => {
  const { it, pool, wait } = await occupied();
  const calls = await wait('abcd');
  const closed = pool.close();
  openDoor(it, left);
  blockUntil(it, 2, offered);
  openDoor(it, right);

  await closed;
  // In whichever order the two threads come to count them.
  expect((await Promise.all(calls)).map(({ value }) => value)).toEqual(['a', 'b', 'c', 'd']);
});
