/** Threads that are ended and processes that are killed at any point: no acknowledged write is lost, and none is torn. @module */

import { spawn } from 'node:child_process';
import type { CacheOptions } from 'offloop/cache';
import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/cached.mjs';
import { drivers, newPath, opened } from '../support/caches.ts';
import { isFull } from '../support/full.ts';
import { gate, reaches } from '../support/gate.ts';
import { withoutWarnings } from '../support/document-commands.ts';
import { fixture, root, run } from '../support/run.ts';

/** How many threads, processes and exits there are. */
const counts = isFull ? { threads: 100, processes: 100, exits: 12 } : { threads: 4, processes: 2, exits: 1 };

/** Does something `times` times, two at a time, each of the two with a path that stays the same. */
async function twoAtATime(times: number, each: (path: string, i: number) => Promise<void>): Promise<void> {
  const line = async (first: number): Promise<void> => {
    const path = newPath();
    for (let i = first; i < times; i += 2) await each(path, i);
  };
  await Promise.all([line(0), line(1)]);
}

/** Settles as `call` does, once it was aborted. */
const ended = async (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => (error as Error).name);

describe.each(drivers)('a thread that is ended, with the driver %s', (driver) => {
  const options: CacheOptions = { driver };

  test('in a transaction leaves nothing, and its lock is free', async () => {
    const path = newPath();
    const cache = opened(options, path);
    const leaving = new AbortController();
    const it = gate();
    const holding = ended(jobs.holds.with({ signal: leaving.signal })(path, options, it));
    await reaches(it, 1, 1);
    const waiting = cache.transaction('count', (tx) => tx.get('count'));
    leaving.abort();

    expect(await holding).toBe('AbortError');
    expect(await waiting).toBe(undefined);
    await jobs.counts(path, options, 2);
    expect(cache.get('count')).toBe(2);
  });

  test('no longer bounds those who publish', async () => {
    const path = newPath();
    const cache = opened<number>(options, path);
    const leaving = new AbortController();
    const it = gate();
    const asking = ended(jobs.asksOnly.with({ signal: leaving.signal })(path, options, it));
    await reaches(it, 1, 1);
    await cache('a', 1);
    const blocked = Promise.all([cache('a', 2), cache('a', 3)]);
    leaving.abort();

    await asking;
    await blocked;
  });

  test(
    'at any point loses no write that was acknowledged, and tears no transaction',
    { timeout: 600_000 },
    async () => {
      const path = newPath();
      const cache = opened<number | { n: number; text: string }>(options, path);
      // Two threads end in each round.
      for (let i = 0; i < counts.threads / 2; i += 1) {
        const leaving = new AbortController();
        const { signal } = leaving;
        const acked = new Int32Array(new SharedArrayBuffer(4));
        const toils = [
          jobs.toils.with({ signal })(path, options, i, acked),
          jobs.toilsSync.with({ signal })(path, options),
        ].map(ended);
        while (Atomics.load(acked, 0) < 2) await soon(2);
        await soon(Math.random() * 20);
        const atLeast = Atomics.load(acked, 0);
        leaving.abort();
        await Promise.all(toils);

        const last = cache.get(`toil ${i}`) as { n: number; text: string };
        expect(last.n).toBeGreaterThanOrEqual(atLeast);
        expect(last.text).toBe(String(last.n).repeat(50));
        expect(cache.get('left')).toBe(cache.get('right'));
        // The locks are free, and the store can be written.
        await cache.transaction('pair', (tx) => tx.set('seen', i));
      }
    },
  );
});

describe.each(drivers)('a process that is killed, with the driver %s', (driver) => {
  test('loses no write that was acknowledged, and tears none', { timeout: 600_000 }, async () => {
    await twoAtATime(counts.processes, async (path, i) => {
      // Threads write by the main side, so not every process needs one.
      const acknowledged = await killed(path, driver, i % 4 === 0 ? 'in a thread, too' : 'on main');
      const cache = opened<number | { n: number; text: string }>({ driver }, path);

      expect(cache.get('n')).toBeGreaterThanOrEqual(acknowledged);
      const { n, text } = cache.get('odd') as { n: number; text: string };
      expect(n).toBeGreaterThanOrEqual(acknowledged);
      expect(text).toBe('x'.repeat(n % 5000));
      expect(cache.get('even')).toEqual({ n, text });
      expect(cache.get('left')).toBe(cache.get('right'));
      await cache.close();
    });
  });
});

describe.each(drivers)('a process that exits, with the driver %s', (driver) => {
  test('does so with its own code while threads read and write', { timeout: 600_000 }, async () => {
    await twoAtATime(counts.exits, async (path) => {
      const { code, signal, stderr } = await run(fixture('exits/caching-exit.mjs'), { args: [path, driver] });

      expect({ code, signal, stderr: withoutWarnings(stderr) }).toEqual({ code: 7, signal: null, stderr: '' });
    });
  });
});

/** Runs the program that writes, and kills it in the midst of that; gives the last number that was acknowledged. */
async function killed(path: string, driver: string, where: string): Promise<number> {
  const child = spawn(process.execPath, [fixture('exits/caching.mjs'), path, driver, where], { cwd: root });
  let printed = '';
  const over = new Promise((resolve) => child.once('close', resolve));
  const begun = new Promise<void>((resolve) =>
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('\n')) resolve();
    }),
  );
  await Promise.race([begun, over]);
  expect(child.exitCode).toBe(null);
  await soon(Math.random() * 60);
  child.kill('SIGKILL');
  await over;
  return Number(printed.trimEnd().split('\n').at(-1));
}

const soon = async (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));
