/** Threads of their own. @module */

import { threadId } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { separate, separateBlock, separateInside } from '../fixtures/jobs/basics.mjs';
import { gate, open, reaches } from '../support/gate.ts';

describe('threadedSeparate', () => {
  test('gives each call a thread of its own', async () => {
    const answers = await Promise.all([1, 2, 3].map(async (n) => separate(n)));
    const threads = answers.map(([, thread]) => thread);

    expect(answers.map(([n]) => n)).toEqual([1, 2, 3]);
    expect(new Set([threadId, ...threads]).size).toBe(4);
  });

  test('lets no more than 16 calls run at once; those that wait go by priority, then in order', async () => {
    const gates = Array.from({ length: 16 }, gate);
    const running = gates.map(async (it) => separateBlock(it, 0));
    await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
    const counter = gate();
    open(counter);
    const names = { a: 0, b: 1, c: 0 };
    const waiting = Object.entries(names).map(async ([name, priority]) =>
      separateBlock.with({ priority })(counter, name),
    );
    expect(Atomics.load(counter, 1)).toBe(0);

    // One place comes free, and they take it one after the other.
    open(gates[0] as Int32Array);
    const order = (await Promise.all(waiting)).toSorted((a, b) => a[1] - b[1]).map(([name]) => name);
    expect(order).toEqual(['b', 'a', 'c']);
    for (const it of gates) open(it);
    await Promise.all(running);
  });

  test('ends the thread of a call that is aborted or takes too long', async () => {
    const it = gate();
    const controller = new AbortController();
    const aborted = separateBlock.with({ signal: controller.signal })(it, 0);
    await reaches(it, 1, 1);
    controller.abort(new Error('enough'));

    await expect(aborted).rejects.toThrow('enough');
    await expect(separateBlock.with({ timeout: 10 })(gate(), 0)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  });

  test('has a thread of its own inside a thread, too', async () => {
    const [[n, inner], outer] = await separateInside(7);

    expect(n).toBe(7);
    expect(new Set([threadId, inner, outer]).size).toBe(3);
  });
});
