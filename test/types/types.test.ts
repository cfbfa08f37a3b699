import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cases } from '../support/full.ts';

// An `@ts-expect-error` above a line without an error is an error itself: the wrong uses in these files are wrong.
test.concurrent.each(cases(['typescript', 'typescript-5'], 1))(
  'the types hold under %s',
  { timeout: 60_000 },
  async (compiler) => {
    const tsc = fileURLToPath(new URL(`../../node_modules/${compiler}/bin/tsc`, import.meta.url));

    for (const folder of ['.', './legacy/']) {
      const project = fileURLToPath(new URL(folder, import.meta.url));
      expect(await run(tsc, '-p', project)).toEqual({ exitCode: 0, output: '' });
    }
  },
);

function run(...command: string[]): Promise<{ exitCode: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, command, (error, stdout, stderr) =>
      resolve({ exitCode: error ? error.code : 0, output: stdout + stderr }),
    );
  });
}
