/** A store that a call enters in its thread is gone when the next call runs there, on the short way too. @module */

import { setImmediate } from 'node:timers/promises';
import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { enter, enterAndFail, enterAndWait, put } from '../fixtures/jobs/entered-stores.mjs';

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
