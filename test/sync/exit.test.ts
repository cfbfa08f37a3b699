/** What waits leave behind, and that they keep no process alive. @module */

import { expect, test } from 'vitest';
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
