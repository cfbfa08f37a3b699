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

test.each(['cjs', 'esm'] as const)(
  '%s: the start and a module that is required lazily both have functions',
  async (format) => {
    const extension = format === 'esm' ? 'mjs' : 'cjs';
    const folder = project({
      [`main.${extension}`]: `${format === 'esm' ? "import { threaded } from 'offloop'" : "const { threaded } = require('offloop')"};
      const cube = threaded((n) => n ** 3);
      const { square, double } = require('./jobs.cjs');
      async function main() {
        const first = [await cube(3), await square(3)];
        const { half } = require('./more.cjs');
        console.log(...first, await double(3), await half(8), await cube(2));
      }
      main().catch((error) => console.log(error.code, error.message));`,
      'jobs.cjs': `const { threaded } = require('offloop');
      exports.square = threaded((n) => n * n);
      exports.double = threaded((n) => n + n);`,
      'more.cjs': `const { threaded } = require('offloop');
      exports.half = threaded((n) => n / 2);`,
    });
    const file = join(folder, `out.${extension}`);
    // What a bundle of ES modules has for `require`.
    const banner = {
      js:
        format === 'esm'
          ? "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
          : '',
    };
    await build({
      entryPoints: [join(folder, `main.${extension}`)],
      outfile: file,
      format,
      banner,
      bundle: true,
      platform: 'node',
      external: ['offloop'],
    });

    const { lines, stderr } = await run(file, { cwd: folder });

    expect({ lines, stderr }).toEqual({ lines: ['27 9 6 4 8'], stderr: '' });
  },
);
