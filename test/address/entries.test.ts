/** Programs whose own file has the wrapped functions: each runs once, whatever its threads load of it. @module */

import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cases } from '../support/full.ts';
import { project, write } from '../support/project.ts';
import { fixture, root, run } from '../support/run.ts';

/** The output of each program, besides `TOP 0`, which it prints once: at its top level, in the main thread. */
const programs: Record<string, string[]> = {
  'cli.mjs': ['R [15,true]'],
  'server.mjs': ['R 96354 true 96354 true 96354 true 3'],
  'class.mjs': ['R [72,4,5,true]'],
  'static-fields.mjs': ['D [7,true] 8', 'R [21,true] [28,true]'],
  'cycle.mjs': ['boot 0', 'R [20,true]'],
  'cycle-loud.mjs': ['R ERR_OFFLOOP_CAPTURE true'],
  'declarations.mjs': ['SIDE 0', 'R [1,3,{"d":4},{"e":5},1,9,true,42,"h",2,"T",{"t":1},true]'],
  'factories.mjs': ['R 8 16 6 8'],
  'loops.mjs': ['R 5 8 55 [ 1, 1, 2 ] [ 1, 1, 2 ]'],
  'mutable.mjs': ['R a,b {"y":2,"z":3} true'],
  'guard.mjs': ['R 2'],
  'guarded.mjs': ['R [20,true]'],
  'import-meta.mjs': ['R function module entries Program true'],
  'depends-on-result.mjs': ['R ERR_OFFLOOP_CAPTURE true true true'],
  'late.mjs': ['R ERR_OFFLOOP_CAPTURE true true true', 'R ERR_OFFLOOP_NOT_FOUND true', 'S 8'],
  'setup.mjs': ['R 40'],
  'reentry.mjs': ['R ERR_OFFLOOP_REENTRY true true'],
  'commonjs.cjs': ['R [42,true]'],
  'offload.mjs': ['R Program 0', 'L true 6 2', 'E ERR_OFFLOOP_NOT_FOUND true'],
};

describe('a program with wrapped functions of its own', () => {
  test.each(cases(Object.entries(programs), 4))(
    '%s runs its top level once and its functions in threads',
    async (name, lines) => {
      const { stdout, stderr, code } = await run(fixture(`entries/${name}`));

      expect({ stderr, lines: stdout.trim().split('\n'), code }).toEqual({
        stderr: '',
        lines: ['TOP 0', ...lines],
        code: 0,
      });
    },
  );

  test('takes its arguments from the command line in threads too', async () => {
    const { lines } = await run(fixture('entries/cli.mjs'), { args: ['--n', '7'] });

    expect(lines).toEqual(['TOP 0', 'R [35,true]']);
  });

  test('says with OFFLOOP_DEBUG=view what its threads leave out, once', async () => {
    const { stderr } = await run(fixture('entries/server.mjs'), { env: { OFFLOOP_DEBUG: 'view' } });

    expect(stderr).toMatch(/server\.listen/);
    expect(stderr.match(/server\.listen/g)).toHaveLength(1);
  });

  test('is refused with a code of its own where there is no file', async () => {
    const program = `import { threaded } from 'offloop';
      const f = threaded((n) => n);
      await f(1).catch((e) => console.log(e.code));
      console.log(f.syncCall(2));`;
    const evaluated = await run(undefined, { nodeArgs: ['--input-type=module', '-e', program] });
    const piped = await run(undefined, { nodeArgs: ['--input-type=module', '-'], input: program });

    expect(evaluated.lines).toEqual(['ERR_OFFLOOP_NO_MODULE', '2']);
    expect(piped.lines).toEqual(['ERR_OFFLOOP_NO_MODULE', '2']);
  });

  const file = `${root}dist/lib/src/index.`;
  test.each([
    ['main.js', `import { ContextVar, threaded } from '${pathToFileURL(`${file}js`).href}';`],
    ['main.js', `import { ContextVar, threaded } from '${file}js';`],
    ['main.cjs', `const { ContextVar, threaded } = require('${file}js');`],
    ['main.cjs', `const { ContextVar, threaded } = require('${file}cjs');`],
    ['main.js', `import { ContextVar, threaded } from 'RELATIVEjs';`],
    ['main.cjs', `const { ContextVar, threaded } = require('RELATIVEcjs');`],
  ])('knows the library where a bundler has written its file: %s %s', async (name, imports) => {
    // Without that, a set variable would be taken for one that threads lack.
    const program = `${imports}
      const user = new ContextVar('user');
      const who = threaded(() => user.get());
      async function main() {
        user.set('ada');
        console.log('R', await who());
      }
      main().catch(console.log);`;
    const folder = project({});
    write(folder, { [name]: program.replace('RELATIVE', relative(realpathSync(folder), file)) });

    const { lines, stderr } = await run(`${folder}/${name}`);

    expect({ lines, stderr }).toEqual({ lines: ['R ada'], stderr: '' });
  });
});
