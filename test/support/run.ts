/** Runs programs as a user would: in a child process of this very Node.js. @module */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;

  /** The lines of stdout. */
  readonly lines: string[];
}

export interface RunOptions {
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;

  /** Milliseconds after which the program is taken to hang; it is killed and `signal` is `SIGKILL`. */
  readonly deadline?: number;
}

/** The package's folder. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** The path of a fixture. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Runs `node file`, without what the test runner put into the environment. */
export function run(file: string | undefined, options: RunOptions = {}): Promise<Ran> {
  const { nodeArgs = [], args = [], env = {}, cwd = root, input, deadline = 45_000 } = options;
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV|TEST|NODE_V8_COVERAGE)/.test(name),
  );
  const child = spawn(process.execPath, [...nodeArgs, ...(file === undefined ? [] : [file]), ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.end(input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), deadline);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...output, lines: output.stdout.split('\n').filter((line) => line !== '') });
    });
  });
}
