/** Which file is the program's, whatever the program has made of `process.argv`. @module */

import { describe, expect, test } from 'vitest';
import { cases } from '../../support/full.ts';
import { project } from '../../support/project.ts';
import { run } from '../../support/run.ts';

const rest = `
  const f = threaded(function f(word) { return word.toUpperCase(); });
  console.log('top', process.argv.length);
  f('x').then(console.log);
`;

const programs: Readonly<Record<string, string>> = {
  // The library is there before the arguments are taken.
  'shift.mjs': `
    import { threaded } from 'offloop';
    process.argv.shift();
    process.argv.shift();
    ${rest}
  `,
  'late-splice.mjs': `
    process.argv.splice(0, 2);
    const { threaded } = await import('offloop');
    ${rest}
  `,
  'late-script.mjs': `
    process.argv.splice(1, 1);
    process.argv.shift();
    const { threaded } = await import('offloop');
    ${rest}
  `,
  'late.cjs': `
    process.argv = process.argv.slice(2);
    const { threaded } = require('offloop');
    ${rest}
  `,
};

describe('the file that a program was started with is known', () => {
  test.each(Object.keys(programs))('in %s', async (name) => {
    const folder = project(programs);
    // A word that is a file as well, after options of Node.js.
    const ran = await run(name, { cwd: folder, args: ['shift.mjs'], nodeArgs: ['--no-warnings', '--stack-size=900'] });

    expect(ran).toMatchObject({ lines: ['top 1', 'X'], stderr: '', code: 0 });
  });
});

/** What bundlers make of a program whose lazy modules import its start back: the entry only imports that. */
const facades: Readonly<Record<string, string>> = {
  'index.mjs': `import process from 'node:process';globalThis._importMeta_={url:import.meta.url,env:process.env};import 'node:http';
    export { s as default } from './chunks/start.mjs';
    //# sourceMappingURL=index.mjs.map`,
  'index.cjs': `'use strict';
    // The program.
    module.exports = require('./chunks/start.cjs');`,
  'twice.mjs': `import './index.mjs';`,
  'chunks/start.mjs': `
    import { createServer } from 'node:http';
    export const by = (n) => n * 2;
    export const s = 1;
    console.log('START');
    const server = createServer().listen(0, async () => {
      const { double } = await import('./route.mjs');
      console.log(await double(21));
      server.close();
    });`,
  'chunks/route.mjs': `
    import { threaded } from 'offloop';
    import { by } from './start.mjs';
    export const double = threaded((n) => by(n));`,
  'chunks/start.cjs': `
    const { createServer } = require('node:http');
    exports.by = (n) => n * 2;
    console.log('START');
    const server = createServer().listen(0, async () => {
      console.log(await require('./route.cjs').double(21));
      server.close();
    });`,
  'chunks/route.cjs': `
    const { threaded } = require('offloop');
    const { by } = require('./start.cjs');
    exports.double = threaded((n) => by(n));`,
};

describe('behind an entry that only imports the program, the program is', () => {
  test.each(cases(['index.mjs', 'index.cjs', 'twice.mjs'], 1))('%s, and starts once', async (name) => {
    const ran = await run(name, { cwd: project(facades) });

    expect(ran).toMatchObject({ lines: ['START', '42'], stderr: '', code: 0 });
  });
});
