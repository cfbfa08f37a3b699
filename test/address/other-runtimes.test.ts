/** Programs in Bun and Deno: what somebody tries first, and a program's own file, of which they can load no part. @module */

import { describe, expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';
import { runtime } from '../support/runtimes/runtime.ts';

describe.runIf(runtime !== undefined)('a program in Bun or Deno', () => {
  test.each(['cycle.mjs', 'guarded.mjs', 'commonjs.cjs'])(
    'with wrapped functions of its own is refused, not started again in a thread: %s',
    async (name) => {
      const { lines, stderr } = await run(fixture(`entries/${name}`));

      expect(lines.filter((line) => line.startsWith('TOP'))).toEqual(['TOP 0']);
      // Deno shows errors without their codes.
      expect(stderr).toMatch(/own file.*, and Bun and Deno can load it only whole/);
    },
  );

  test('that runs its main part in the main thread alone may say so', async () => {
    const { lines, stderr } = await run(fixture('entries/main-only.mjs'));

    expect({ lines, stderr }).toEqual({ lines: ['5 true'], stderr: '' });
  });

  test.each(['terminate', 'close', 'nothing'])(
    'can do what somebody tries first, and ends by itself after: %s',
    async (end) => {
      const { code, lines, stderr } = await run(fixture('newcomer/main.mjs'), { args: [end] });

      const worked = ['calls', 'items', 'waits', 'context', 'errors', 'aborts', 'end'];
      expect({ code, lines, stderr }).toEqual({ code: 0, lines: worked, stderr: '' });
    },
  );
});
