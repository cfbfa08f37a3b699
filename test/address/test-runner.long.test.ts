/** Under vitest: functions of the test file itself, of TypeScript modules, with coverage, and in watch mode. @module */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { threaded, threadedSeparate } from 'offloop';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { scaled } from '../fixtures/jobs/scaled.mjs';
import { cases, isFull } from '../support/full.ts';
import { project, write } from '../support/project.ts';
import { root, run } from '../support/run.ts';
import { dozens } from '../support/typed-jobs.ts';

enum Factor {
  three = 3,
}
const here = threaded(function here(n: number): [number, number] {
  return [n * Factor.three, threadId];
});
const separately = threadedSeparate((n: number) => [n + 1, threadId]);

describe('in a test file', () => {
  afterEach(() => void vi.useRealTimers());

  test('a wrapped function runs in a thread', async () => {
    const [value, thread] = await here(4);

    expect(value).toBe(12);
    expect(thread).not.toBe(threadId);
  });

  test('one for a thread of its own does too', async () => {
    const [value, thread] = await separately(4);

    expect(value).toBe(5);
    expect(thread).not.toBe(threadId);
  });

  test('those of an imported TypeScript module do too', async () => {
    const [value, thread] = await dozens(2);

    expect(value).toBe(24);
    expect(thread).not.toBe(threadId);
  });

  test('those of a JavaScript module that imports TypeScript without an extension do too', async () => {
    expect(await scaled(2)).toBe(24);
  });

  test('fake timers do not stop calls', async () => {
    vi.useFakeTimers();

    expect((await here(1))[0]).toBe(3);
    expect((await here.with({ timeout: 30_000 })(2))[0]).toBe(6);
  });
});

const jobsFile = (factor: number): string => `import { threadId } from 'node:worker_threads';
import { threaded } from 'offloop';
import { shift } from './shift.ts';
export const times: (n: number) => Promise<[number, boolean]> = threaded(function times(n: number) { return [n * ${factor} + shift, threadId > 0] as [number, boolean]; });`;

const testFile = (expected: string): string => `import { expect, test } from 'vitest';
import { threaded } from 'offloop';
import { times } from './jobs.ts';
const own = threaded(function own(n: number) { return n + 1; });
test('works', async () => { expect([await times(2), await own(1)]).toEqual(${expected}); });`;

const files = {
  'jobs.ts': jobsFile(3),
  'shift.ts': 'export const shift: number = 0;',
  'own.test.ts': testFile('[[6, true], 2]'),
  'vitest.config.ts': 'export default { test: { testTimeout: 30000 } };',
};
const packages = ['vitest', 'vite', '@vitest/coverage-v8'];
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

describe('vitest', () => {
  test.each(
    cases(
      [
        ['the pool threads', ['--pool=threads']],
        ['coverage', ['--coverage', '--coverage.reporter=text-summary']],
        ['the pool forks', ['--pool=forks']],
      ] as const,
      1,
    ),
  )('runs them with %s', async (_, args) => {
    const folder = project(files, packages);

    const { code, stdout, stderr } = await run(vitest, { args: ['run', ...args], cwd: folder });
    expect({ code, stderr: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.runIf(isFull)('runs them anew in watch mode, as they are now', async () => {
    const folder = project(files, packages);
    const { until, stop } = watch(folder);
    try {
      await until(/1 passed[^]*Waiting for file changes/);
      for (const [factor, shift] of [
        [4, 0],
        [4, 7],
        [5, 1],
      ] as const) {
        write(folder, { 'jobs.ts': jobsFile(factor), 'shift.ts': `export const shift: number = ${shift};` });
        write(folder, { 'own.test.ts': testFile(`[[${2 * factor + shift}, true], 2]`) });
        await until(/1 passed[^]*Waiting for file changes/);
      }
    } finally {
      await stop();
    }
  });
});

/** Starts vitest's watch mode; `until` waits for output since the last time, however it comes in pieces. */
function watch(folder: string): { until(pattern: RegExp): Promise<void>; stop(): Promise<void> } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|CI$)/.test(name)));
  const args = [vitest, '--watch', '--no-isolate', '--pool=threads', '--maxWorkers=1'];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...env, NO_COLOR: '1' } });
  let output = '';
  let look = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      look();
    });
  }
  return {
    until: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (!pattern.test(output)) return;
          output = '';
          resolve();
        };
        child.once('close', () => reject(new Error(`vitest ended: ${output}`)));
        look();
      }),
    stop: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}
