/** Programs of which esbuild has made one file, with modules that are imported lazily, and several. @module */

import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { cases } from '../support/full.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';
import { answer, app } from './app.ts';

const variants = [
  { format: 'esm', minify: false, splitting: false },
  { format: 'cjs', minify: true, splitting: false },
  { format: 'esm', minify: true, splitting: true },
  { format: 'esm', minify: true, splitting: false },
  { format: 'cjs', minify: false, splitting: false },
] as const;

test.each(cases(variants, 1))('%o: modules that are imported lazily run in threads', async (options) => {
  const folder = project(app);
  const extension = options.format === 'esm' ? '.mjs' : '.cjs';
  await build({
    ...options,
    entryPoints: [join(folder, 'lazy.js')],
    outdir: join(folder, 'out'),
    outExtension: { '.js': extension },
    bundle: true,
    platform: 'node',
    external: ['offloop'],
  });

  const { lines, stderr } = await run(join(folder, 'out', `lazy${extension}`), { cwd: folder });
  const [start, printed = '', ...more] = lines;
  expect({ start, more, stderr }).toEqual({ start: 'START', more: [], stderr: '' });
  expect(printed.startsWith('{') ? JSON.parse(printed) : printed).toEqual(answer());
});
