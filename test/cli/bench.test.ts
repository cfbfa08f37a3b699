/** `offloop bench`, as a user runs it. @module */

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCommand, UsageError } from '../../dist/src/programs/cli/args.js';
import { isFull } from '../support/full.ts';
import { root, run } from '../support/run.ts';

const main = join(root, 'dist/lib/src/programs/cli/main.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offloop-bench-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the arguments of bench', () => {
  test.each([
    [[], { filter: '', quick: false, rounds: undefined, save: undefined }],
    [['small', 'call'], { filter: 'small call', quick: false, rounds: undefined, save: undefined }],
    [
      ['--quick', 'idle', '--rounds', '3', '--save', 'there'],
      { filter: 'idle', quick: true, rounds: 3, save: 'there' },
    ],
  ])('%j are %o', (args, options) => {
    expect(parseCommand(['bench', ...args])).toEqual({ name: 'bench', options });
  });

  test.each([[['--fast']], [['--save']], [['--save=']]])('%j are refused', (args) => {
    expect(() => parseCommand(['bench', ...args])).toThrow(UsageError);
  });
});

describe('offloop bench', () => {
  test.runIf(isFull)('runs the row that is asked for, prints its table and writes it to a folder', async () => {
    const results = join(folder, 'new/results');
    const { code, stdout, stderr } = await run(main, {
      args: ['bench', 'no such row|a thread for each call', '--quick', '--save', results],
    });

    const major = process.versions.node.split('.')[0];
    const names = [`node-${major}.json`, `node-${major}.md`, `start-node-${major}.svg`];
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stderr).toMatch(/\d+%, .* left: a thread for each call$/mu);
    expect(stdout).toContain('### A thread for each call\n');
    expect(stdout).toMatch(/^\| offloop +\| [\d.,]+ +\| .* right, off main \|$/mu);
    expect(stdout).toMatch(/^offloop is .* of 1 rows, .*\.$/mu);
    expect(readdirSync(results)).toEqual(names);
    expect(JSON.parse(readFileSync(join(results, `node-${major}.json`), 'utf8'))).toMatchObject({
      quick: true,
      groups: [{ title: 'Start', rows: [{ name: 'a thread for each call', rounds: 1 }] }],
    });
  });

  test('names the rows that there are where none is meant, and exits with 2', async () => {
    const { code, stdout, stderr } = await run(main, { args: ['bench', 'nothing of the kind'] });

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^No row or group has "nothing of the kind" in its name/u);
    expect(stderr).toMatch(/^ {2}Calls: small call in series; /mu);
  });

  test.runIf(isFull)('goes on without the packages that are not installed, and says how to have them', async () => {
    const home = installed(['acorn', 'cli-progress', 'p-queue', 'piscina', 'comlink']);
    const { code, stdout, stderr } = await run(join(home, 'dist/lib/src/programs/cli/main.js'), {
      args: ['bench', 'a thread for each call', '--quick'],
    });

    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stderr).toContain('Left out, as not installed: tinypool\n');
    expect(stderr).toContain('npm install --no-save tinypool\n');
    expect(stdout).toMatch(/^\| offloop +\| [\d.,]+ /mu);
    expect(stdout).not.toContain('tinypool');
  });
});

/** The package as its users have it: what it publishes, and beside it `packages` with what they need. */
function installed(packages: readonly string[]): string {
  const modules = join(folder, 'node_modules');
  const home = join(modules, 'offloop');
  mkdirSync(home, { recursive: true });
  for (const name of ['package.json', 'dist', 'bench', 'workers'])
    cpSync(join(root, name), join(home, name), { recursive: true });
  for (const name of packages) symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  return home;
}
