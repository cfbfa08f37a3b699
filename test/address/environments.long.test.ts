/** How functions are found wherever Node.js loads modules in its own ways. @module */

import { join } from 'node:path';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { describe, expect, test } from 'vitest';
import { cases } from '../support/full.ts';
import { project } from '../support/project.ts';
import { root, run } from '../support/run.ts';

const jobs = `import { threadId } from 'node:worker_threads';
import { threaded } from 'offloop';
const factor = 3;
export const times = threaded(function times(n) {
  return [n * factor, threadId !== 0];
});`;
const main = `import { threadId } from 'node:worker_threads';
import { threaded } from 'offloop';
import { times } from './jobs.js';
console.log('TOP', threadId);
const shift = 100;
const plus = threaded(function plus(n) {
  return [n + shift, threadId !== 0];
});
console.log(JSON.stringify([await times(2), await plus(2)]));`;
const printed = ['TOP 0', '[[6,true],[102,true]]'];

/** CommonJS has no top-level await. */
const mainLater = main.replace(/console\.log\(JSON.*/, (line) => `(async () => { ${line} })();`);

describe('modules', () => {
  test('are found as ES modules beside each other', async () => {
    const folder = project({ 'main.js': main, 'jobs.js': jobs });

    expect((await run(join(folder, 'main.js'))).lines).toEqual(printed);
  });

  test('are found as CommonJS', async () => {
    const require = (text: string): string =>
      text
        .replace(/import (\{[^}]*\}) from ('[^']*');/g, 'const $1 = require($2);')
        .replace('export const times', 'const times = exports.times');
    const folder = project({ 'package.json': '{}', 'main.js': require(mainLater), 'jobs.js': require(jobs) });

    expect((await run(join(folder, 'main.js'))).lines).toEqual(printed);
  });

  test('are found in a package under node_modules', async () => {
    const folder = project({
      'main.js': main.replace('./jobs.js', 'heavy-jobs'),
      'node_modules/heavy-jobs/package.json': '{ "name": "heavy-jobs", "type": "module", "exports": "./jobs.js" }',
      'node_modules/heavy-jobs/jobs.js': jobs,
    });

    expect((await run(join(folder, 'main.js'))).lines).toEqual(printed);
  });

  test('are found in paths with characters that URLs encode', async () => {
    const folder = project({ 'a b#c%20é/main.js': main, 'a b#c%20é/jobs.js': jobs });

    expect((await run(join(folder, 'a b#c%20é/main.js'))).lines).toEqual(printed);
  });

  test('are new ones when they are imported under another query, beside the old ones', async () => {
    const folder = project({
      'jobs.js': jobs,
      'main.js': `import { writeFileSync, readFileSync } from 'node:fs';
        const file = new URL('./jobs.js', import.meta.url);
        const { times: before } = await import('./jobs.js?v=1');
        console.log((await before(1))[0]);
        writeFileSync(file, readFileSync(file, 'utf8').replace('factor = 3', 'factor = 5'));
        const { times: after } = await import('./jobs.js?v=2');
        console.log((await after(1))[0], (await before(1))[0]);`,
    });

    expect((await run(join(folder, 'main.js'))).lines).toEqual(['3', '5 3']);
  });

  test('are new ones when CommonJS is required anew', async () => {
    const folder = project({
      'package.json': '{}',
      'jobs.js': `const { threaded } = require('offloop'); const { factor } = require('./factor.js'); exports.times = threaded(function times(n) { return n * factor; });`,
      'factor.js': 'exports.factor = 3;',
      'main.js': `const { writeFileSync } = require('node:fs'); (async () => {
        console.log(await require('./jobs.js').times(1));
        for (let i = 4; i < 8; i += 1) {
          writeFileSync(__dirname + '/factor.js', 'exports.factor = ' + i);
          delete require.cache[require.resolve('./jobs.js')]; delete require.cache[require.resolve('./factor.js')];
          console.log(await require('./jobs.js').times(1));
        } })();`,
    });

    expect((await run(join(folder, 'main.js'))).lines).toEqual(['3', '4', '5', '6', '7']);
  });
});

describe('bundles', () => {
  test.each(
    cases(
      [
        ['esm', false],
        ['cjs', true],
        ['esm', true],
        ['cjs', false],
      ] as const,
      2,
    ),
  )('of esbuild, %s, minified: %s, are modules as any other', async (format, minify) => {
    const folder = project({ 'main.js': format === 'esm' ? main : mainLater, 'jobs.js': jobs });
    const outfile = join(folder, format === 'esm' ? 'out.mjs' : 'out.cjs');
    const entryPoints = [join(folder, 'main.js')];
    await build({
      entryPoints,
      outfile,
      format,
      minify,
      bundle: true,
      platform: 'node',
      external: ['offloop'],
      logLevel: 'silent',
    });

    const { lines, stderr } = await run(outfile);
    expect({ lines, stderr }).toEqual({ lines: printed, stderr: '' });
  });

  test.each(cases(['es', 'cjs'] as const, 1))('of rollup, %s, are modules as any other', async (format) => {
    const folder = project({ 'main.js': format === 'es' ? main : mainLater, 'jobs.js': jobs });
    const file = join(folder, format === 'es' ? 'out.mjs' : 'out.cjs');
    const bundle = await rollup({ input: join(folder, 'main.js'), external: ['offloop', /^node:/] });
    await bundle.write({ file, format });
    await bundle.close();

    expect((await run(file)).lines).toEqual(printed);
  });

  test.each([
    ['with a require of its own', true],
    ['without', false],
  ])('that have the library inside say that it has to stay outside: a bundle %s', async (_, hasRequire) => {
    const folder = project({
      'main.js': `import { threaded } from 'offloop';
        const f = threaded((n) => n);
        await f(1).catch((error) => console.log(error.code, /external/.test(error.message)));`,
    });
    const outfile = join(folder, 'out.mjs');
    const banner = {
      js: `import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);`,
    };
    await build({
      entryPoints: [join(folder, 'main.js')],
      outfile,
      format: 'esm',
      bundle: true,
      platform: 'node',
      ...(hasRequire && { banner }),
      logLevel: 'silent',
    });

    expect((await run(outfile)).lines).toEqual(['ERR_OFFLOOP_BUNDLED true']);
  });
});

describe('TypeScript', () => {
  const typed = (text: string): string =>
    text.replace('(n)', '(n: number): [number, boolean]').replace('./jobs.js', './jobs.ts');
  const enumerated = typed(jobs)
    .replace('const factor = 3', 'enum Factor { times = 3 }')
    .replace('n * factor', 'n * Factor.times');

  test.each(
    cases(
      [
        ['node --import tsx', ['--import', 'tsx']],
        ['the tsx command', [join(root, 'node_modules/tsx/dist/cli.mjs')]],
      ] as const,
      1,
    ),
  )('is run in threads by %s as in the main thread', async (_, nodeArgs) => {
    const folder = project({ 'main.ts': typed(main), 'jobs.ts': enumerated }, ['tsx']);

    expect((await run(join(folder, 'main.ts'), { nodeArgs, cwd: folder })).lines).toEqual(printed);
  });

  test('is run by Node.js itself where it removes types, and refused by it where it does not', async () => {
    const folder = project({ 'main.ts': typed(main), 'jobs.ts': typed(jobs) });

    const { lines, stderr } = await run(join(folder, 'main.ts'), { cwd: folder });
    if ((process.features as { typescript?: unknown }).typescript) expect(lines).toEqual(printed);
    else expect(stderr).toContain('ERR_UNKNOWN_FILE_EXTENSION');
  });
});

test('functions in modules that jiti evaluates are refused, with what runs them instead', async () => {
  const folder = project({
    'package.json': '{"private":true}',
    // jiti wraps a module in an async function, and awaits it.
    'node_modules/jiti/dist/jiti.cjs': `const { compileFunction } = require('node:vm');
      const { readFileSync } = require('node:fs');
      exports.load = async (filename) => {
        const text = 'return (async function (require, exports) { ' + readFileSync(filename, 'utf8') + '})';
        return compileFunction(text, [], { filename })()(require('node:module').createRequire(filename), {});
      };`,
    'jobs.ts': `const { threaded } = require('offloop');
      const square = threaded(function square(n) { return n * n; });
      square(2).catch(({ code, message }) => console.log(code, /jiti.*--import tsx/.test(message)));`,
    'main.js': `require('jiti/dist/jiti.cjs').load(__dirname + '/jobs.ts');`,
  });

  const { lines, stderr } = await run(`${folder}/main.js`, { cwd: folder });

  expect({ lines, stderr }).toEqual({ lines: ['ERR_OFFLOOP_NO_MODULE true'], stderr: '' });
});

test('a function that a factory has wrapped in the main thread only is refused, with both cures', async () => {
  const folder = project({
    'jobs.js': `import { isMainThread } from 'node:worker_threads';
      import { threaded } from 'offloop';
      const by = (factor) => threaded((n) => n * factor);
      const plain = () => threaded((n) => n);
      export const [double, same] = isMainThread ? [by(2), plain()] : [];`,
    'main.js': `import { double, same } from './jobs.js';
      const explain = ({ code, message }) => [code, /or call (?:by|plain) in a statement of its own there/.test(message)];
      console.log(JSON.stringify([await double(1).catch(explain), await same(1).catch(explain)]));`,
  });

  const { lines } = await run(join(folder, 'main.js'), { cwd: folder });

  expect(lines).toEqual(['[["ERR_OFFLOOP_CAPTURE",true],["ERR_OFFLOOP_NOT_FOUND",true]]']);
});
