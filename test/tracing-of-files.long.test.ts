/** Tools that copy what a server needs and nothing else (output file tracing) find every file of the library. @module */

import { cpSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cases } from './support/full.ts';
import { project } from './support/project.ts';
import { root, run } from './support/run.ts';

const jobs = `import { threaded, threadedIterableSeparate } from 'offloop';
export const double = threaded((n) => n * 2);
export const each = threadedIterableSeparate(function* () { yield 1; });
`;
const work = `console.log(await double(21));
console.log(await each().next());
`;

/** The same in CommonJS, with a subpath, of whose build only `require` reaches the files. */
const required = `const { threaded, threadedIterableSeparate } = require('offloop');
const { stream } = require('offloop/streams');
module.exports = {
  double: threaded((n) => n * 2),
  each: threadedIterableSeparate(function* () { yield 1; }),
};
`;
const requiring = `const { double, each } = require('./jobs.cjs');
(async () => { ${work} })();
`;

/** Copies the files that the program `name` in `folder` needs, as a tracer sees them, and gives the copy of that file. */
async function traced(folder: string, name = 'main.js'): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'offloop-traced-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const { fileList } = await nodeFileTrace([join(folder, name)], { base: root });
  for (const file of fileList) {
    const original = join(root, file);
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    // The links of the project lead to the copies.
    if (!lstatSync(original).isSymbolicLink()) cpSync(original, join(copy, file));
    else symlinkSync(join(copy, relative(root, realpathSync(original))), join(copy, file), 'junction');
  }
  return join(copy, relative(root, folder), name);
}

describe('a program of which only the traced files were copied', () => {
  const programs = [
    ['in a module', { 'jobs.js': jobs, 'main.js': `import { double, each } from './jobs.js';\n${work}` }],
    ['in its own file', { 'main.js': jobs + work }],
  ] as const;

  test.each(cases(programs, 1))('runs elsewhere, with its jobs %s', async (_, files) => {
    const main = await traced(project(files));

    const { stdout, stderr, code } = await run(main);

    expect({ stdout, stderr, code }).toEqual({ stdout: '42\n{ value: 1, done: false }\n', stderr: '', code: 0 });
  });

  test.each(cases(['--no-warnings', '--no-experimental-require-module'], 1))(
    'runs elsewhere, in CommonJS, with the option %s of Node.js',
    async (option) => {
      const main = await traced(project({ 'jobs.cjs': required, 'main.cjs': requiring }), 'main.cjs');

      const { stdout, stderr, code } = await run(main, { nodeArgs: [option] });

      expect({ stdout, stderr, code }).toEqual({ stdout: '42\n{ value: 1, done: false }\n', stderr: '', code: 0 });
    },
  );
});
