/** Runs a program of the corpus as its user would, in an empty folder, and notes what it did. @module */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run } from '../support/run.ts';
import type { Ran } from '../support/run.ts';
import type { Program, Seen } from './program.ts';
import { splitProgram } from './split.ts';

/** A run, and all that it wrote, for a look at its errors. */
export interface Executed extends Seen {
  readonly output: string;

  /** Whether it had to be killed. */
  readonly hung: boolean;
}

export type Form = 'own file' | 'inline' | 'split';

const probe = fileURLToPath(new URL('probe.cjs', import.meta.url));

/** Runs `program`; in the form `split` its regions named `jobs` are a module of their own. */
export async function execute(program: Program, form: Form = 'own file'): Promise<Executed> {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const place = mkdtempSync(join(root, '.tmp', 'program-'));
  const cwd = join(place, 'cwd');
  const log = join(place, 'effects');
  mkdirSync(cwd);
  writeFileSync(log, '');
  try {
    const file = join(place, program.name);
    // Else vitest takes the configuration of the package itself.
    if (runner(program.name) === 'spec') writeFileSync(join(place, 'vitest.config.mjs'), 'export default {};');
    for (const [name, text] of Object.entries(texts(program, form))) writeFileSync(join(place, name), text);
    const ran = await start(program, file, cwd, {
      ...program.env,
      OFFLOOP_PROBE: log,
      NODE_OPTIONS: `--require ${JSON.stringify(probe)}`,
      ...(form === 'inline' && { OFFLOOP_INLINE: '1' }),
    });
    return {
      code: ran.code,
      stdout: tidy(runner(program.name) ? verdicts(ran.stdout) : ran.stdout, place),
      stderr: tidy(runner(program.name) ? '' : warningless(ran.stderr), place),
      effects: readFileSync(log, 'utf8').split('\n').filter(Boolean).toSorted(),
      files: files(cwd),
      output: `${ran.stdout}\n${ran.stderr}`,
      hung: ran.signal === 'SIGKILL',
    };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function texts(program: Program, form: Form): Record<string, string> {
  return form === 'split' ? splitProgram(program) : { [program.name]: program.text };
}

/** Which test runner a program is for, by its name: `x.spec.ts` for vitest, `x.mocha.cjs` for mocha. */
function runner(name: string): string | undefined {
  return /\.(?<runner>spec|mocha|tests)\.\w+$/.exec(name)?.groups?.['runner'];
}

function start(program: Program, file: string, cwd: string, env: Record<string, string>): Promise<Ran> {
  const typescript = /^\.[cm]?ts$/.test(extname(file)) && !program.nodeArgs.includes('--strip');
  const nodeArgs = [
    ...(typescript ? ['--import', 'tsx'] : []),
    ...program.nodeArgs.filter((word) => word !== '--strip'),
  ];
  const options = { cwd, env, input: program.stdin, deadline: 30_000 };
  switch (runner(program.name)) {
    case 'spec': {
      const args = ['run', '--root', join(cwd, '..'), '--reporter=tap-flat', '--testTimeout=30000', program.name];
      return run(join(root, 'node_modules/vitest/vitest.mjs'), { ...options, args });
    }
    case 'mocha': {
      const args = ['--reporter=tap', '--timeout=30000', file];
      return run(join(root, 'node_modules/mocha/bin/mocha.js'), { ...options, nodeArgs, args });
    }
    default:
      return run(file, { ...options, nodeArgs, args: program.args });
  }
}

/** The result of each test in a report, without times and stacks. */
function verdicts(report: string): string {
  const lines = report.split('\n').filter((line) => /^\s*(?:not )?ok /.test(line));
  return lines.map((line) => line.replace(/ # time=.*/, '').trim()).join('\n');
}

/** Without what Node.js says of itself, which differs from version to version. */
function warningless(text: string): string {
  return text.replaceAll(/^\(node:\d+\)[^\n]*Warning[^\n]*\n(?:\(Use [^\n]*\n|    at [^\n]*\n)*/gm, '');
}

function tidy(text: string, place: string): string[] {
  const lines = text
    .replaceAll(place, '')
    .replaceAll(/\r|^\s*Duration: .*\n/gm, '')
    .trimEnd()
    .split('\n');
  return lines.map((line) => line.trimEnd()).filter((line, index) => line !== '' || index > 0);
}

function files(cwd: string): string[] {
  const found = readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => {
      const hash = createHash('sha1').update(readFileSync(path)).digest('hex').slice(0, 8);
      return `${relative(cwd, path).replaceAll('\\', '/')} ${hash}`;
    })
    .toSorted();
}
