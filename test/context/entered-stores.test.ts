/** A store that a call enters in its thread is gone when the next call runs there, on the short way too. @module */

import { setImmediate } from 'node:timers/promises';
import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { enter, enterAndFail, enterAndWait, put } from '../fixtures/jobs/entered-stores.mjs';
import { Entering } from '../fixtures/objects/entered-stores.mjs';

type Enter = (value?: string) => Promise<unknown>;

/** Runs `body` with a thread that has called `job` so often that its calls take the short way. */
async function within(job: { with(options: object): Enter }, body: (call: Enter) => Promise<void>): Promise<void> {
  await using pool = new ThreadPool({ size: 1 });
  const call = job.with({ pool });
  for (let i = 0; i < 20; i += 1) expect(await call()).toBeUndefined();
  await body(call);
}

test('a store that a call enters is not there in the next one', async () => {
  await within(enter as never, async (call) => {
    for (const value of ['a', 'b', 'c']) {
      expect(await call(value)).toBeUndefined();
      expect(await call()).toBeUndefined();
    }
    expect(await Promise.all(['d', undefined, 'e', undefined].map(async (value) => call(value)))).toEqual(
      Array.from({ length: 4 }),
    );
  });
});

test('nor one that a call enters which fails', async () => {
  await within(enterAndFail as never, async (call) => {
    await expect(call('a')).rejects.toThrow('entered');
    expect(await call()).toBeUndefined();
    const both = await Promise.allSettled([call('b'), call()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await call()).toBeUndefined();
  });
});

test('nor one of a call that waits, which has it to its end', async () => {
  await within(enterAndWait as never, async (call) => {
    const results = await Promise.all(['a', undefined, 'b', undefined].map(async (value) => call(value)));
    expect(results).toEqual(['a', undefined, 'b', undefined]);
    // Alone in its message, and with one behind it.
    const first = call('c');
    await setImmediate();
    expect(await Promise.all([first, call()])).toEqual(['c', undefined]);
    expect(await call()).toBeUndefined();
  });
});

test('nor what a call puts on its async resource', async () => {
  await within(put as never, async (call) => {
    expect(await call('a')).toBeUndefined();
    expect(await call()).toBeUndefined();
  });
});

/** Each is the first that enters a store in its thread: after that, functions run apart up to Node.js 23. */
const entrances: Readonly<Record<string, (object: Awaited<ReturnType<typeof Entering.start>>) => Promise<unknown>>> = {
  'returns at once': async (object) => expect(await object.enter('a')).toBeUndefined(),
  fails: async (object) => expect(object.enterAndFail('b')).rejects.toThrow('entered'),
  waits: async (object) => expect(await object.enterAndWait('c')).toBe('c'),
  'overlaps with others': async (object) => {
    const all = [object.enterAndWait('d'), object.enter(), object.enterAndWait(), object.enter('e'), object.enter()];
    expect(await Promise.all(all)).toEqual(['d', ...Array.from({ length: 4 })]);
  },
};

test.each(Object.keys(entrances))('nor one of a method of an object that %s', async (name) => {
  await using object = await Entering.start();
  // So often that calls take the short way: also those of methods that wait.
  for (let i = 0; i < 20; i += 1) expect(await object.enter()).toBeUndefined();
  for (let i = 0; i < 3; i += 1) expect(await object.waitLater(21)).toBe(42);
  await object.enterAndWait();

  await entrances[name]?.(object);
  expect(await object.enter()).toBeUndefined();
  expect(await object.enterAndWait()).toBeUndefined();
  expect(await object.waitLater(21)).toBe(42);
});
