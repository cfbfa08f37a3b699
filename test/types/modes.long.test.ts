/** The declarations of the published package, in each mode of modules, under old and new versions of TypeScript. @module */

import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { command, installed } from '../consumers/installed.ts';
import { root } from '../support/run.ts';

const source = readFileSync(new URL('subpaths.ts', import.meta.url), 'utf8');
const compile = fileURLToPath(new URL('compile.mjs', import.meta.url));
const files = ['subpaths.ts', 'subpaths.mts', 'subpaths.cts'];

test('the declarations hold from TypeScript 5.3 on, in all modes of modules', { timeout: 600_000 }, async () => {
  const old = { ts53: '5.3.3', ts54: '5.4.5' };
  const packages = Object.entries(old).map(([name, version]) => `${name}@npm:typescript@${version}`);
  const folder = await installed(Object.fromEntries(files.map((name) => [name, source])), [
    ...packages,
    '@types/node@20.19.43',
  ]);
  copyFileSync(compile, join(folder, 'compile.mjs'));
  symlinkSync(join(root, 'node_modules/typescript-5'), join(folder, 'node_modules/ts59'), 'junction');

  const modes = ['CommonJS Node10', 'ESNext Node10', 'Node16 Node16', 'NodeNext NodeNext', 'ESNext Bundler'];
  for (const compiler of [...Object.keys(old), 'ts59']) {
    const expected = compiler === 'ts53' ? modes : [...modes, 'Preserve Bundler'];
    // One after the other: each of them takes all of a processor.
    // oxlint-disable-next-line no-await-in-loop
    const { output } = await command(folder, [process.execPath, 'compile.mjs', compiler, ...files]);
    expect([compiler, ...output.trim().split('\n')]).toEqual([compiler, ...expected.map((mode) => `${mode}: ok`)]);
  }

  // The newest compiler, with the oldest and the newest types of Node.js.
  const newest = ['--noEmit', '--strict', '--ignoreConfig', '--types', 'node'];
  const tsc = [process.execPath, join(root, 'node_modules/typescript/bin/tsc'), ...newest];
  for (const version of ['20.19.43', '26.6.7']) {
    const install = ['npm', 'install', '--silent', '--no-audit', '--no-fund', `@types/node@${version}`];
    // oxlint-disable-next-line no-await-in-loop
    expect(await command(folder, install)).toEqual({ code: 0, output: '' });
    for (const module of ['nodenext', 'preserve', 'commonjs']) {
      const given = module === 'nodenext' ? files : files.slice(0, 1);
      // oxlint-disable-next-line no-await-in-loop
      expect(await command(folder, [...tsc, '--module', module, ...given])).toEqual({ code: 0, output: '' });
    }
  }
});
