/** Calls in threads of their own: when they start, what they are given, and how they end. @module */

import { threadId } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/lined.mjs';
import { gate, open, reaches } from '../support/gate.ts';

describe('a call in a thread of its own', () => {
  test('shares no state with any other', async () => {
    expect([await jobs.counts(), await jobs.counts(), await jobs.counts()]).toEqual([1, 1, 1]);
  });

  test('is given its arguments as they were, and keeps what moved', async () => {
    const large = Array.from({ length: 1000 }, (_, i) => ({ i }));
    const small = { n: 1 };
    const bytes = new Uint8Array([1, 2, 3]);
    const calls = [jobs.gives(large), jobs.gives(small), jobs.gives.with({ transfer: [bytes.buffer] })(bytes)];
    large.length = 0;
    small.n = 2;

    expect(bytes.byteLength).toBe(0);
    const [list, { n }, moved] = await Promise.all(calls);
    expect([list.length, n, moved]).toEqual([1000, 1, new Uint8Array([1, 2, 3])]);
  });

  test('has threads of their own for calls inside it, however deep', async () => {
    const threads = await jobs.outer(4);

    expect(new Set([threadId, ...threads]).size).toBe(6);
  });

  test('rejects when its thread exits or dies, and the next one works', async () => {
    await expect(jobs.exits(3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 3 });
    await expect(jobs.throwsLate()).rejects.toMatchObject({ cause: { message: 'late' } });
    expect(await jobs.gives('next')).toBe('next');
  });
});

describe('a call that waits for a thread of its own', () => {
  const [rest, one, order] = [gate(), gate(), gate()];
  const running: Promise<unknown>[] = [];
  beforeAll(async () => {
    for (let i = 0; i < 15; i += 1) running.push(jobs.alone(undefined, 0, rest));
    running.push(jobs.alone(undefined, 0, one));
    await Promise.all([reaches(rest, 1, 15), reaches(one, 1, 1)]);
  });
  afterAll(async () => {
    open(rest);
    await Promise.all(running);
  });

  test('can be aborted, and can wait too long', async () => {
    const controller = new AbortController();
    const aborted = jobs.gives.with({ signal: controller.signal })(1);
    const impatient = jobs.gives.with({ queueTimeout: 10 })(2);
    controller.abort('changed my mind');

    await expect(aborted).rejects.toBe('changed my mind');
    await expect(impatient).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_TIMEOUT' });
  });

  test('starts by its priority, equals in the order of the calls, and is given its arguments as they were', async () => {
    const large = Array.from({ length: 1000 }, (_, i) => ({ i }));
    const bytes = new Uint8Array([1, 2, 3]);
    const calls = Array.from([0, 1, 0, 2], async (priority, i) => jobs.alone.with({ priority })(order, 'abcd'[i]));
    const taken = [jobs.gives(large), jobs.gives.with({ transfer: [bytes.buffer] })(bytes)];
    large.length = 0;
    expect(bytes.byteLength).toBe(0);

    // There is one place for all of the calls.
    open(one);
    const answers = await Promise.all(calls);
    expect(answers.toSorted((a, b) => a[1] - b[1]).map(([name]) => name)).toEqual(['d', 'b', 'a', 'c']);
    const [list, moved] = await Promise.all(taken);
    expect([list.length, moved]).toEqual([1000, new Uint8Array([1, 2, 3])]);
  });
});
