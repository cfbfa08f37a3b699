/** Several copies of the library in one process: its two builds, and another version. @module */

import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { version } from '../../src/base/copies.ts';
import { project } from '../support/project.ts';
import { root, run } from '../support/run.ts';

test('the library knows its version', () => {
  expect(version).toBe((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version);
});

const imported = `import { ContextVar, coroutine, syncWaitCoroutine, threaded } from 'offloop';
export { configure, OffloopError, setDefaultPool, threaded, ThreadPool } from 'offloop';
export const user = new ContextVar('user');
export const who = threaded(() => user.get());
export const next = coroutine(async (n) => n + 1);
export const back = threaded((n) => syncWaitCoroutine(next, n));
`;

describe('the ES modules and the CommonJS build', () => {
  test('share pools, contexts, settings and classes of errors', async () => {
    const folder = project({
      'required.cjs': `const { ContextVar, threaded } = require('offloop');
const user = new ContextVar('user');
module.exports = { ...require('offloop'), who: threaded(() => user.get()), twice: threaded((n) => n * 2) };
`,
      'imported.js': imported,
      'main.js': `import required from './required.cjs';
import * as imported from './imported.js';

const { ThreadPool, OffloopError, configure, setDefaultPool } = imported;
console.log(required.threaded === imported.threaded);
console.log(await imported.user.run('ann', () => required.who()), await imported.back(1));

const pool = new ThreadPool({ maxThreads: 1 });
required.setDefaultPool(pool);
console.log(await required.twice(2), await imported.back(2), pool.stats().completed);
await pool.close();
for (const refused of [required.twice(1), imported.back(1)])
  await refused.catch((error) => console.log(error.code, error instanceof OffloopError, error instanceof required.OffloopError));
console.log(new Error('plain') instanceof OffloopError, new (class extends OffloopError {})('x', 'y') instanceof required.WorkerExitError);

required.setDefaultPool(new required.ThreadPool());
configure({ inline: true });
globalThis.mark = 1;
console.log(await required.threaded(() => globalThis.mark)());
`,
    });

    const { stdout, stderr, code } = await run(join(folder, 'main.js'), {
      nodeArgs: ['--no-experimental-require-module'],
    });

    const refused = 'ERR_OFFLOOP_CLOSED true true';
    expect({ lines: stdout.trim().split('\n'), stderr, code }).toEqual({
      lines: ['false', 'ann 2', '4 3 2', refused, refused, 'false false', '1'],
      stderr: '',
      code: 0,
    });
  });
});

describe('another version', () => {
  test('has its own threads, and says so in a thread of this one', async () => {
    const folder = project({
      'jobs.js': `import { threaded } from 'offloop';
import { threaded as otherThreaded } from 'other-offloop';
export const twice = threaded((n) => n * 2);
export const thrice = otherThreaded((n) => n * 3);
export const both = threaded(async (n) => thrice(await twice(n)));
`,
      'main.js': `import { both, thrice, twice } from './jobs.js';
console.log(await twice(1), await thrice(1));
await both(1).catch(({ code, message }) => console.log(code, message));
`,
    });
    const other = join(folder, 'node_modules/other-offloop');
    copyAs('9.9.9', other);

    const { stdout, code } = await run(join(folder, 'main.js'));

    const message = `another copy of offloop is loaded here: 0\\.1\\.0 \\(.*\\) beside 9\\.9\\.9 \\(.*other-offloop\\)`;
    expect(stdout).toMatch(new RegExp(`^2 3\nERR_OFFLOOP_COPIES .*${message}`));
    expect(code).toBe(0);
  });
});

/** Copies the package to `folder`, with another version. */
function copyAs(other: string, folder: string): void {
  cpSync(join(root, 'dist/lib'), join(folder, 'dist/lib'), {
    recursive: true,
    filter: (path) => !path.endsWith('.map'),
  });
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  writeFileSync(join(folder, 'package.json'), manifest.replace('"offloop"', '"other-offloop"').replace(version, other));
  const chunks = join(folder, 'dist/lib/src/chunks');
  for (const name of readdirSync(chunks).map((file) => join(chunks, file))) {
    const text = readFileSync(name, 'utf8');
    if (text.includes(`"${version}"`)) writeFileSync(name, text.replaceAll(`"${version}"`, `"${other}"`));
  }
}
