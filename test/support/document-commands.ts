/** Runs the commands of the documents where that is possible, else checks that what they name is there. @module */

import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { parseCommand } from '../../dist/src/programs/cli/args.js';
import { blockAfter, blocks } from './documents.ts';
import type { Block } from './documents.ts';
import { root, run } from './run.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

/** A line of a shell block. */
export interface Command {
  readonly block: Block;
  readonly command: string;

  /** The commands of the same block that come first. */
  readonly before: readonly string[];

  /** The expected output of the last command of a block, if the document has it. */
  readonly output: string | undefined;
}

/** All commands of all pages. */
export function commands(): Command[] {
  return blocks.flatMap((block) => {
    if (block.language !== 'sh') return [];
    const next = blockAfter(block);
    const output = next?.language === 'text' ? next.code : undefined;
    const lines = block.code.trim().split('\n');
    return lines.map((command, at) => ({
      block,
      command,
      before: lines.slice(0, at),
      output: at === lines.length - 1 ? output : undefined,
    }));
  });
}

/** Runs or checks a command, after those `before` it in a folder that is made if it is needed; gives the output. */
export async function execute(command: string, makeFolder: () => string, before: readonly string[]): Promise<string> {
  const [, assignment, rest = ''] = /^(?:([A-Z_]+=\S+) )?(.*)$/.exec(command) ?? [];
  const [program = '', ...args] = rest.split(' ');
  if (program === 'npm') checkNpm(args);
  else if (program === 'npx' && args[0] === manifest.name) parseCommand(args.slice(1));
  else if (program === '.ci/run') expect(existsSync(join(root, program))).toBe(true);
  else {
    const folder = makeFolder();
    const env = Object.fromEntries(assignment ? [assignment.split('=') as [string, string]] : []);
    for (const earlier of before) {
      // One after the other, as in a shell.
      // oxlint-disable-next-line no-await-in-loop
      if (!earlier.startsWith('npm ')) await spawnIn(folder, earlier.split(' '));
    }
    return spawnIn(folder, [program, ...args], env);
  }
  return '';
}

/** The test runners that documents use. */
const runners: Readonly<Record<string, string>> = { vitest: 'vitest/vitest.mjs', mocha: 'mocha/bin/mocha.js' };

async function spawnIn(
  folder: string,
  [program, ...args]: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const [first = '', ...others] = args;
  if (program === 'npx' && first === 'esbuild') {
    const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/esbuild'), others, { cwd: folder });
    return stdout;
  }
  const runner = program === 'npx' ? runners[first] : undefined;
  if (runner === undefined) expect(program).toBe('node');
  // Without a file of its own, it would find the one of this package further up.
  if (first === 'vitest') writeFileSync(join(folder, 'vitest.config.js'), 'export default {};');
  // Beside other tests a cold thread may take longer than the two seconds that Mocha allows.
  if (first === 'mocha') writeFileSync(join(folder, '.mocharc.json'), '{ "timeout": 30000 }');
  const { code, stdout, stderr } =
    runner === undefined
      ? await run(undefined, { nodeArgs: args, cwd: folder, env })
      : await run(join(root, 'node_modules', runner), { args: others, cwd: folder, env });
  expect({ code, output: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, output: '' });
  return withoutWarnings(stderr) + stdout;
}

function checkNpm([verb = '', ...names]: string[]): void {
  if (verb === 'install') {
    const known = [manifest.name, '--save-dev', ...Object.keys(manifest.devDependencies)];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  } else {
    expect(Object.keys(manifest.scripts)).toContain(verb === 'run' ? names[0] : verb);
  }
}

/** Node.js warns of what it calls experimental, each version of other things. */
export function withoutWarnings(text: string): string {
  return text.replaceAll(/^\(node:\d+\).*Warning.*\n|^\(Use `node --trace-.*\n/gm, '');
}
