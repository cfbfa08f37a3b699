/** Waits of threads that nobody is left to end, of every kind. @module */

import { describe, expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

async function program(name: string): Promise<object> {
  const { code, lines, stderr } = await run(fixture('exits/endless-waits.mjs'), { args: [name], deadline: 30_000 });
  return { code, lines, stderr };
}

describe('a thread that waits while nothing else is alive', () => {
  test('is told so, whatever it waits for', async () => {
    const kinds = [
      'coroutine',
      'item',
      'item after others',
      'event',
      'lock',
      'permit',
      'item of a channel',
      'room in a channel',
    ];

    const lines = kinds.map((kind) => `${kind}: ERR_OFFLOOP_NEVER_SETTLES`);
    expect(await program('alone')).toEqual({ code: 0, lines, stderr: '' });
  });

  test('is told what has become of what it waits for, if the thread that could end the wait dies', async () => {
    const ends = {
      event: 'ERR_OFFLOOP_NEVER_SETTLES',
      lock: 'ERR_OFFLOOP_ABANDONED',
      permit: 'ERR_OFFLOOP_ABANDONED',
      'item of a channel': 'ERR_OFFLOOP_NEVER_SETTLES',
      'room in a channel': 'ERR_OFFLOOP_NEVER_SETTLES',
      'items of a generator': 'ERR_OFFLOOP_WORKER_EXIT',
    };

    const lines = Object.entries(ends).map(([kind, end]) => `${kind}: ${end}`);
    expect(await program('orphaned')).toEqual({ code: 0, lines, stderr: '' });
  });

  test('is not refused if it awaits, since more may go on there: its call keeps the process alive, to its limit', async () => {
    expect(await program('awaited')).toEqual({ code: 0, lines: ['ERR_OFFLOOP_TIMEOUT'], stderr: '' });
  });

  test('keeps no process alive that has finished, if it waits for a consumer', async () => {
    expect(await program('room')).toEqual({ code: 0, lines: ['the generator waits for room'], stderr: '' });
  });
});
