/** Programs in which others have put something of theirs in place of the globals. @module */

import { Channel, Event, ThreadPool } from 'offloop';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { cases } from './support/full.ts';
import { fixture, run } from './support/run.ts';
import { fact, spin } from './fixtures/jobs/basics.mjs';

/** The output of the program if the whole library works as it does without the fakes. */
const sound = {
  calls: [2, 4],
  burst: 2000,
  separate: 2,
  queued: ['0', '1'],
  url: 'https://a.b/c',
  coroutines: [3, 3, 6],
  timeout: 'ERR_OFFLOOP_TIMEOUT',
  queueTimeout: ['ERR_OFFLOOP_TIMEOUT', 'ERR_OFFLOOP_QUEUE_TIMEOUT'],
  signal: 'aborted',
  wait: 'ERR_OFFLOOP_TIMEOUT',
  main: ['ERR_OFFLOOP_TIMEOUT', 'ERR_OFFLOOP_TIMEOUT', 'ERR_OFFLOOP_TIMEOUT'],
  iterated: 5000,
  into: 19900,
  channel: 500,
  mapped: 20,
};

describe('globals that others have replaced', () => {
  const fakes = [
    ['sinon', 'before'],
    ['polyfills', 'after'],
    ['zone.js', 'before'],
    ['jest, modern', 'after'],
    ['jest, legacy', 'before'],
    ['node:test', 'before'],
    ['polyfills', 'before'],
    ['sinon', 'after'],
  ] as const;

  test.each(cases(fakes, 2))('by %s, %s the library was loaded, change nothing', async (name, when) => {
    // A mock of Node's own warns of itself.
    const nodeArgs = name === 'node:test' ? ['--no-warnings'] : [];
    const { code, lines, stderr } = await run(fixture('fakes/program.mjs'), { args: [name, when], nodeArgs });

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(lines[0] ?? '')).toEqual(sound);
  });
});

describe('the fake timers of vitest', () => {
  afterEach(() => vi.useRealTimers());

  test('hold up no call, no limit and no wait, and see no timer of the library', async () => {
    // A process of the test runner lives by the one that is left.
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate', 'Date'],
    });
    await using pool = new ThreadPool({ size: 1 });

    expect(await fact.with({ pool })(5)).toBe(120);
    await expect(spin.with({ pool, timeout: 20 })()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    await expect(new Event().waitAsync({ timeout: 20 })).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    await expect(new Channel().get({ timeout: 20 })).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    expect(vi.getTimerCount()).toBe(0);
  });
});
