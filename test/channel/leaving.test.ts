/** Leaving a loop over an iterable argument: its effects on the source, and errors of the source. @module */

import { setImmediate } from 'node:timers/promises';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { quick } from '../fixtures/jobs/generators.mjs';
import * as jobs from '../fixtures/jobs/taking.mjs';
import { gate, open } from '../support/gate.ts';
import { later } from '../support/later.ts';
import { take } from '../support/take.ts';

const endless = async function* (): AsyncGenerator<number> {
  try {
    for (let i = 0; ; i += 1) yield i;
  } finally {
    throw new Error('finally'); // eslint-disable-line no-unsafe-finally
  }
};

/** Sources that throw when they are closed. */
const sources: [string, () => AsyncIterable<unknown>][] = [
  ['an async generator', endless],
  [
    'a generator',
    function* () {
      try {
        for (;;) yield 1;
      } finally {
        throw new Error('finally'); // eslint-disable-line no-unsafe-finally
      }
    } as unknown as () => AsyncIterable<unknown>,
  ],
  [
    'a short one, which is ahead and has ended',
    async function* () {
      try {
        yield 1;
      } finally {
        throw new Error('finally'); // eslint-disable-line no-unsafe-finally
      }
    },
  ],
  [
    'one that waits for its next item',
    async function* () {
      try {
        for (;;) {
          yield 1;
          await setImmediate();
        }
      } finally {
        throw new Error('finally'); // eslint-disable-line no-unsafe-finally
      }
    },
  ],
  [
    'an iterator',
    () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: 1, done: false }),
        return: async () => Promise.reject(new Error('finally')),
      }),
    }),
  ],
  [
    'a web stream',
    () =>
      new ReadableStream({
        pull: (it) => it.enqueue(1),
        cancel: () => {
          throw new Error('finally');
        },
      }),
  ],
];

const ways = [
  ['code that awaits', jobs.leaves, jobs.takesAwaiting],
  ['blocking code', jobs.leavesBlocking, jobs.takesBlocking],
] as const;

describe.each(ways)('%s', (_, leaves, takes) => {
  describe.each(sources)('whose source is %s that throws when it is closed', (_, source) => {
    test.each(['break', 'return'])('is thrown that when it leaves its loop by %s', async (how) => {
      expect(await leaves(source(), how)).toBe('caught finally');
    });

    test('keeps what it throws itself', async () => {
      expect(await leaves(source(), 'throw')).toBe('caught mine');
    });

    test('rejects with it if it does not catch it', async () => {
      await expect(takes(source(), 1)).rejects.toThrow('finally');
    });
  });

  test.each([
    ['asynchronous', Symbol.asyncIterator],
    ['synchronous', Symbol.iterator],
  ] as const)('leaves an %s iterator whose return() does not say that there is no more', async (_, key) => {
    let returns = 0;
    const endless = {
      next: () => ({ value: 1, done: false }),
      return() {
        returns += 1;
        return { value: undefined, done: false };
      },
    };
    const source = { [key]: () => endless } as unknown as AsyncIterable<unknown>;

    expect(await leaves(source, 'break')).toBe('left');
    expect(returns).toBe(1);
  });

  test('goes on after its loop once the source is closed', async () => {
    const steps: string[] = [];
    const slow = async function* (): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        for (let i = 0; i < 50; i += 1) await setImmediate();
        steps.push('closed');
      }
    };

    await leaves(slow(), 'break', () => steps.push('left'));
    expect(steps).toEqual(['closed', 'left']);
  });

  test('is interrupted while it waits for that', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const controller = new AbortController();
    const clings = async function* (): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        controller.abort(new Error('enough'));
        await later().promise;
      }
    };

    await expect(takes.with({ pool, signal: controller.signal })(clings(), 1)).rejects.toThrow('enough');
    expect(await quick.with({ pool })(1)).toBe(1);
    expect(pool.stats().threads).toBe(1);
  });

  test('waits a second at the most for a source that waits for an item itself', async () => {
    const it = gate();
    const silent = async function* (): AsyncGenerator<number> {
      yield 1;
      open(it);
      await later().promise;
    };

    expect(await leaves(silent(), 'break', undefined, it)).toBe('left');
  });

  test('is served by the pool that its source calls in its finally', async () => {
    await using pool = new ThreadPool({ size: 1 });
    let called: unknown;
    const calling = async function* (): AsyncGenerator<number> {
      try {
        for (;;) yield 1;
      } finally {
        called = await quick.with({ pool })('served');
      }
    };

    expect(await takes.with({ pool })(calling(), 1)).toEqual([1]);
    expect(called).toBe('served');
  });
});

test('a call that returns without leaving its loop rejects with what closing the source throws', async () => {
  const it = gate();
  open(it);

  await expect(jobs.takesEarly(endless(), it, 1)).rejects.toThrow('finally');
});

test('a call that throws without leaving its loop rejects with what it throws', async () => {
  const it = gate();
  open(it);

  await expect(jobs.throwsLate(endless(), it)).rejects.toThrow('mine');
});

test('an iterator whose source throws when it is closed rejects its closing', async () => {
  await expect(take(jobs.passes(endless()), 3)).rejects.toThrow('finally');
});
