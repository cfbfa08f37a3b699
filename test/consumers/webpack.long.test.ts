/** Programs that webpack and rspack have bundled run their functions in threads, one module of the bundle at a time. @module */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rspack } from '@rspack/core';
import { describe, expect, test } from 'vitest';
import webpack from 'webpack';
import { cases } from '../support/full.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';
import type { Ran } from '../support/run.ts';
import { answer, app } from './app.ts';

const tools = { webpack, rspack: rspack as unknown as typeof webpack };

interface Variant {
  readonly mode: 'development' | 'production';
  readonly format: 'cjs' | 'esm';
  readonly entry: string;

  /** Whether modules are joined, as they are by default in production. */
  readonly joined?: boolean;

  /** Whether modules that several chunks use have a chunk of their own. */
  readonly split?: boolean;

  /** How source maps are written; the default of the mode if there is none. */
  readonly devtool?: 'eval-source-map' | 'eval-cheap-module-source-map' | 'source-map';
}

/** Has all that a name may have: V8 ignores the names of texts with blanks or quotes. */
const odd = "Tom's projekt ü 100%20";

/** Builds the program in `files` and runs it. */
async function built(
  tool: keyof typeof tools,
  variant: Variant,
  files: Readonly<Record<string, string>>,
): Promise<Ran> {
  const { mode, format, entry, joined = mode === 'production', split = false, devtool } = variant;
  const inside = Object.entries(files).map(([name, text]) => [
    join(odd, name === 'jobs.js' ? `${odd}.js` : name),
    text.replace(/'\.\/jobs\.js'/g, JSON.stringify(`./${odd}.js`)),
  ]);
  const folder = join(project(Object.fromEntries(inside) as typeof files), odd);
  const isModule = format === 'esm';
  const name = isModule ? '[name].mjs' : '[name].cjs';
  const config: webpack.Configuration = {
    mode,
    ...(devtool ? { devtool } : {}),
    context: folder,
    entry: `./${entry}.js`,
    target: 'node20',
    externals: ['offloop'],
    externalsType: isModule ? 'module' : 'commonjs',
    ...(isModule ? { experiments: { outputModule: true } } : {}),
    optimization: { concatenateModules: joined, ...(split ? { splitChunks: { chunks: 'all', minSize: 0 } } : {}) },
    output: {
      path: join(folder, 'out'),
      filename: name,
      chunkFilename: name,
      ...(isModule ? { module: true, chunkFormat: 'module', library: { type: 'module' } } : {}),
    },
  };
  await new Promise<void>((resolve, reject) => {
    tools[tool](config, (error, stats) => {
      if (error || stats?.hasErrors()) reject(error ?? new Error(stats?.toString('errors-only')));
      else resolve();
    });
  });
  const out = join(folder, 'out', isModule ? 'main.mjs' : 'main.cjs');
  expect(existsSync(out)).toBe(true);
  return run(out, { cwd: folder });
}

const variants: readonly Variant[] = [
  { mode: 'development', format: 'cjs', entry: 'main' },
  { mode: 'development', format: 'esm', entry: 'lazy' },
  { mode: 'production', format: 'cjs', entry: 'lazy' },
  { mode: 'production', format: 'esm', entry: 'main', joined: false },
  { mode: 'development', format: 'cjs', entry: 'lazy' },
  { mode: 'production', format: 'esm', entry: 'lazy', joined: false },
  { mode: 'production', format: 'cjs', entry: 'main', joined: false },
  { mode: 'development', format: 'cjs', entry: 'main', devtool: 'eval-source-map' },
  { mode: 'development', format: 'esm', entry: 'lazy', devtool: 'eval-cheap-module-source-map' },
  { mode: 'development', format: 'cjs', entry: 'lazy', devtool: 'source-map' },
];

describe.each(cases(['webpack', 'rspack'] as const, 1))('the output of %s', (tool) => {
  test.each(cases(variants, 2))('%o runs its functions in threads, and starts once', async (variant) => {
    const { lines, stderr } = await built(tool, variant, app);

    const [start, printed = '', ...more] = lines;
    const isMinified = variant.joined === false && variant.mode === 'production';
    expect({ start, more, stderr }).toEqual({ start: 'START', more: [], stderr: '' });
    expect(printed.startsWith('{') ? JSON.parse(printed) : printed).toEqual(answer(isMinified));
  });
});

/** Wraps a function long after the start. */
const late = {
  'main.js': `import { make } from './jobs.js';
    console.log('START');
    const explain = (error) => console.log(error.code, /uses factor|devtool/.test(error.message));
    setImmediate(() => make(3)(1).then(console.log, explain));`,
  'jobs.js': `import { threaded } from 'offloop';
    export const make = (factor) => threaded(function f(n) { return n * factor; });`,
};

describe('in a development build of webpack', () => {
  const refusals = [
    [
      'the functions of the module that the program starts with are refused',
      {
        'main.js': `import { threaded } from 'offloop';
          console.log('START');
          export const f = threaded(function f(n) { return n; });
          f(1).then(console.log, (error) => console.log(error.code, /starts with it/.test(error.message)));`,
      },
      'cjs',
      'ERR_OFFLOOP_REENTRY true',
    ],
    [
      'those of a module that imports that module back are refused',
      {
        'main.js': `import { f } from './jobs.js';
          console.log('START');
          export const factor = 3;
          f(1).then(console.log, (error) => console.log(error.code, /starts with it/.test(error.message)));`,
        'jobs.js': `import { threaded } from 'offloop';
          import { factor } from './main.js';
          export const f = threaded(function f(n) { return n * factor; });`,
      },
      'cjs',
      'ERR_OFFLOOP_REENTRY true',
    ],
    [
      'a function that is wrapped as another one runs is refused, and its variable named',
      late,
      'esm',
      'ERR_OFFLOOP_CAPTURE true',
    ],
    ['if modules are evaluated as texts, the option is named that does so', late, 'cjs', 'ERR_OFFLOOP_NO_MODULE true'],
  ] as const;

  test.each(cases(refusals, 1))('%s', async (_, files, format, printed) => {
    const { lines, stderr } = await built('webpack', { mode: 'development', format, entry: 'main' }, files);

    expect({ lines, stderr }).toEqual({ lines: ['START', printed], stderr: '' });
  });
});

test('where a module needs another chunk that is an ES module, the error names the option that makes these', async () => {
  const variant = { mode: 'production', format: 'esm', entry: 'lazy', joined: false, split: true } as const;
  const { lines, stderr } = await built('webpack', variant, {
    ...app,
    'lazy.js': `console.log('START');
      const explain = ({ code, message }) => console.log(code, /splitChunks/.test(message));
      import('./other.js').then(() => import('./jobs.js')).then(({ double }) => double(1)).then(console.log, explain);`,
    'other.js': `export * from './shared.js';`,
  });

  expect({ lines, stderr }).toEqual({ lines: ['START', 'ERR_OFFLOOP_LOAD true'], stderr: '' });
});

test('functions that were joined with the start of the program are refused, and the option is named that joins them', async () => {
  const { lines, stderr } = await built(
    'rspack',
    { mode: 'production', format: 'cjs', entry: 'main' },
    {
      'main.js': `import { square } from './jobs.js';
      square(12).then(console.log, ({ code, message }) => console.log(code, /concatenateModules/.test(message)));`,
      'jobs.js': `import { threaded } from 'offloop';
      export const square = threaded((n) => n * n);`,
    },
  );

  expect({ lines, stderr }).toEqual({ lines: ['ERR_OFFLOOP_NOT_FOUND true'], stderr: '' });
});
