/** Sources and pages for long: memory stays flat, no socket is left, and the process ends by itself. @module */

import { expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { fixture, run } from '../support/run.ts';

test(
  'many connections that are cut lose no event, leave the memory flat and no socket',
  { timeout: 180_000 },
  async () => {
    const options = { nodeArgs: ['--expose-gc'], args: [isFull ? '60s' : '80'], deadline: 150_000 };
    const { code, lines, stderr } = await run(fixture('exits/sourcing.mjs'), options);

    expect({ code, lines }).toEqual({
      code: 0,
      lines: ['missing 0', 'flat true', 'few sockets true', 'no socket left'],
    });
    expect(stderr).toMatch(isFull ? /^\d+ connections, .*\n$/ : /^$/);
  },
);
