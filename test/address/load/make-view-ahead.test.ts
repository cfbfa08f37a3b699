/** The view of a program's own file is made on the main side as the first thread starts, be that of a pool or not. @module */

import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { project } from '../../support/project.ts';
import { run } from '../../support/run.ts';

/** Says when the program's file is read by `fs.promises`, which nothing but the main side does. */
const watch = `import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  import { isMainThread } from 'node:worker_threads';
  const { readFile } = fs.promises;
  fs.promises.readFile = (path, ...rest) => {
    if (isMainThread && String(path).endsWith('main.mjs')) console.log('made here');
    return readFile(path, ...rest);
  };
  syncBuiltinESMExports();`;

const seen = availableParallelism() > 1 ? ['made here'] : [];

test.each([
  ['threaded', 'add', seen],
  ['threadedSeparate', 'add', seen],
  ['threaded', 'inline', []],
])('of %s', async (wrapper, what, made) => {
  const folder = project({
    'watch.mjs': watch,
    'jobs.mjs': `import { threaded } from 'offloop';
      export const inline = threaded((a, b) => a + b);`,
    'main.mjs': `import './watch.mjs';
      import { ${wrapper} } from 'offloop';
      import { inline } from './jobs.mjs';
      ${what === 'add' ? `const add = ${wrapper}(function add(a, b) { return a + b; });` : ''}
      const answers = [await ${what}(1, 2), await ${what}(3, 4)];
      console.log(...answers);`,
  });

  expect(await run('main.mjs', { cwd: folder })).toMatchObject({ lines: [...made, '3 7'], stderr: '', code: 0 });
});
