/** Waits leave nothing behind; only some of them keep the process alive. @module */

import { describe, expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

test('100,000 waits that are over leave nothing behind', { timeout: 60_000 }, async () => {
  const { code, lines, stderr } = await run(fixture('exits/waits-over.mjs'), { nodeArgs: ['--expose-gc'] });

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // In bytes; the smallest thing that could be left takes more.
  expect(Number(lines[0])).toBeLessThan(12);
});

test('a process with waits that are not over, here and in threads, ends by itself', { timeout: 60_000 }, async () => {
  const { code, signal, lines, stderr } = await run(fixture('exits/waits-pending.mjs'), { deadline: 20_000 });

  expect({ code, signal, lines, stderr }).toEqual({ code: 0, signal: null, lines: ["[ 'left', 'left' ]"], stderr: '' });
});

describe('a process in which nothing else is alive', () => {
  const waits = ['event.waitAsync', 'lock.acquireAsync', 'semaphore.acquireAsync', 'channel.get', 'channel.putAsync'];
  const program = async (name: string): Promise<object> => {
    const { code, lines, stderr } = await run(fixture('exits/main-waits.mjs'), { args: [name], deadline: 20_000 });
    return { code, lines, stderr };
  };
  const each = (end: string, ...others: string[]): object => {
    return { code: 0, lines: [...waits.map((wait) => `${wait} ${end}`), ...others], stderr: '' };
  };

  test('lives until the timeout of a wait', async () => {
    expect(await program('timeout')).toEqual(each('ERR_OFFLOOP_TIMEOUT', 'pool.close over'));
  });

  test('lives until time aborts the signal of a wait', async () => {
    const others = ['pool.ready TimeoutError', 'pool.map TimeoutError'];
    expect(await program('clock')).toEqual(each('TimeoutError', ...others));
  });

  test('is told by ERR_OFFLOOP_NEVER_SETTLES what it waits for at the top level without a limit', async () => {
    const others = ['channel, iterated', 'several at once', 'pool.close'].map(
      (it) => `${it} ERR_OFFLOOP_NEVER_SETTLES`,
    );
    expect(await program('endless')).toEqual(each('ERR_OFFLOOP_NEVER_SETTLES', ...others));
  });

  test('ends as it should have, whatever waits in the background', async () => {
    expect(await program('background')).toEqual({ code: 0, lines: ['exit 0'], stderr: '' });
  });
});
