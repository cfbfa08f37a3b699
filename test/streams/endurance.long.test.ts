/** Streams for long: memory stays flat, and the process ends by itself. @module */

import { expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { fixture, run } from '../support/run.ts';

test(
  'items through ten operators leave the memory flat, and an idle agent holds no process',
  { timeout: 120_000 },
  async () => {
    const args = [isFull ? '3000000' : '1000000'];
    const options = { nodeArgs: ['--expose-gc'], args, deadline: 100_000 };
    const { code, lines, stderr } = await run(fixture('exits/streaming.mjs'), options);

    expect({ code, lines, stderr }).toEqual({
      code: 0,
      lines: ['true true', '3', '[ 20, 40 ]', '400'],
      stderr: '',
    });
  },
);
