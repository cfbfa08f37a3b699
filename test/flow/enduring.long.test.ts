/** A flow for long: memory stays flat. @module */

import { expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { fixture, run } from '../support/run.ts';

test(
  'a flow keeps its memory flat over many items, and nothing of runs that are over',
  { timeout: 120_000 },
  async () => {
    const options = { nodeArgs: ['--expose-gc'], args: [isFull ? '500000' : '30000'], deadline: 110_000 };
    const { code, lines, stderr } = await run(fixture('flows/enduring.mjs'), options);

    expect({ code, stderr, lines }).toEqual({ code: 0, stderr: '', lines: ['true true', 'true 0'] });
  },
);
