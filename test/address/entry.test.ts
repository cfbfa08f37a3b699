/** Which file is the program's, whatever the program has made of `process.argv`. @module */

import { describe, expect, test } from 'vitest';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

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
