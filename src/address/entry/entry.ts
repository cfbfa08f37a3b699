/** Finds the program's entry module, and whether a test runner runs it. @module */

import { createRequire } from 'node:module';
import { realpathSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ModuleFormat } from '../address.ts';
import { behindFacade } from './facade.ts';
import { workingDirectory } from '../file-url.ts';

interface RunnerState {
  readonly filepath?: string;
}

/** Vitest's; that of Jest has another name, and stays the same while the tests of a file run. */
function runner(): RunnerState | undefined {
  const { __vitest_worker__: vitest, __vite_node__: viteNode } = globalThis as {
    __vitest_worker__?: RunnerState;
    __vite_node__?: RunnerState;
  };
  return vitest ?? viteNode ?? jest;
}

/** The state of Jest's `expect`, which vitest has too. Jest warns if it is read after the tests, so it is read at load. */
const jest = ((): RunnerState | undefined => {
  const { [Symbol.for('$$jest-matchers-object')]: expect } = globalThis as Record<
    symbol,
    { readonly state?: { readonly testPath?: unknown } } | undefined
  >;
  const path = process.env['JEST_WORKER_ID'] === undefined ? undefined : expect?.state?.testPath;
  return typeof path === 'string' ? { filepath: path } : undefined;
})();

/** Whether a test runner evaluates modules in this process with its own transform, which threads do not inherit. */
export function foreignRunner(): boolean {
  return runner() !== undefined;
}

/** Whether the module at `url` is the program's entry or the running test file. */
export function isEntry(url: string): boolean {
  if (!url.startsWith('file:')) return false;
  const path = fileURLToPath(url.replace(/[?#].*$/, ''));
  return path === runner()?.filepath || realPath(path) === entryPath();
}

/** The program's entry; `undefined` if a test runner is the program. */
export function programEntry(): { readonly url: string; readonly format: ModuleFormat } | undefined {
  const path = foreignRunner() ? undefined : entryPath();
  if (path === undefined) return undefined;
  const isModule = /\.m[jt]sx?$/.test(path) || (!/\.c[jt]sx?$/.test(path) && process.mainModule === undefined);
  return { url: pathToFileURL(path).href, format: isModule ? 'module' : 'commonjs' };
}

// Read at load: programs that parse their arguments may remove elements of `process.argv`, the first two included.
const [command, script] = process.argv;

let entry: { readonly path: string | undefined } | undefined;

function entryPath(): string | undefined {
  if (!entry) {
    const given = startedWith();
    const path = given === undefined ? undefined : resolveEntry(given);
    entry = { path: path === undefined ? undefined : realPath(behindFacade(path)) };
  }
  return entry.path;
}

/**
 * The path that the process was told to run. Node.js makes it absolute, unless a program has changed `process.argv`
 * before.
 */
function startedWith(): string | undefined {
  if (command === process.execPath && script !== undefined && isAbsolute(script)) return script;
  return process.mainModule?.filename ?? scriptOf(commandLine()) ?? script;
}

/** The words of the command line. */
function commandLine(): readonly string[] {
  try {
    const report = process.report?.getReport() as { header?: { commandLine?: string[] } } | undefined;
    return report?.header?.commandLine ?? [];
  } catch {
    return [];
  }
}

/** The script in the command line: the word after the options of Node.js. */
function scriptOf([, ...words]: readonly string[]): string | undefined {
  const { execArgv } = process;
  return execArgv.every((word, index) => word === words[index]) ? words[execArgv.length] : undefined;
}

function resolveEntry(argument: string): string | undefined {
  const folder = workingDirectory();
  const path = resolve(folder, argument);
  try {
    // `node app` runs app.js or app/index.js.
    return realPath(createRequire(resolve(folder, 'x.js')).resolve(path));
  } catch {
    return realPath(path);
  }
}

function realPath(path: string): string | undefined {
  try {
    const real = realpathSync.native(path);
    return process.platform === 'win32' ? real.toLowerCase() : real;
  } catch {
    return undefined;
  }
}
