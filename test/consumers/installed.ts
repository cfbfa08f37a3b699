/** Projects outside of the repository, with the packed package and packages of the registry. @module */

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fixture, root } from '../support/run.ts';
import { write } from '../support/project.ts';

export interface Ended {
  readonly code: unknown;
  readonly output: string;
}

/** Runs a command in `cwd`, without what the test runner put into the environment. */
export function command(
  cwd: string,
  [name = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV|TEST)/.test(key));
  const options = { cwd, env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env }, timeout: 240_000 };
  return new Promise((resolve) => {
    execFile(name, args, options, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, output: stdout + stderr }),
    );
  });
}

/** Skips the test, with a note. */
type Skip = (note: string) => never;

/**
 * Makes a project with `files`, the package as it would be published, and `packages`; it is gone after the test. Where
 * the registry does not answer, the test is skipped, but not in CI.
 */
export async function installed(
  files: Readonly<Record<string, string>>,
  packages: readonly string[],
  skip: Skip,
): Promise<string> {
  try {
    return await install(files, packages);
  } catch (error) {
    const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(String(error));
    if (!isOffline || process.env['OFFLOOP_BROWSER'] === 'required') throw error;
    return skip(`${packages.join(', ')} cannot be installed: the registry of npm does not answer`);
  }
}

async function install(files: Readonly<Record<string, string>>, packages: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-consumer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, { 'package.json': '{ "private": true }', ...files });
  await succeeded(command(root, ['npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder]));
  const pack = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  await succeeded(
    command(folder, [
      'npm',
      'install',
      '--loglevel=error',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `./${pack}`,
      ...packages,
    ]),
  );
  return folder;
}

/** Copies the suite that every test runner runs into `folder`, with the `test` and `expect` of `runner`. */
export function copySuite(folder: string, suite: string): void {
  cpSync(fixture('consumers'), join(folder, 'src'), { recursive: true });
  rmSync(join(folder, 'src/suite.ts'));
  writeFileSync(join(folder, 'src/jobs.test.ts'), suite);
}

async function succeeded(ending: Promise<Ended>): Promise<void> {
  const { code, output } = await ending;
  if (code !== 0) throw new Error(output);
}
