/** A program of one call: prints how many milliseconds after its start the answer came. @module */

import { equal } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export async function open({ program }) {
  const path = fileURLToPath(new URL(`./program-${program}.mjs`, import.meta.url));
  return {
    async run() {
      const { stdout } = await execute(process.execPath, [path]);
      const { answer, time } = JSON.parse(stdout);
      equal(answer, 3);
      return time;
    },
  };
}
