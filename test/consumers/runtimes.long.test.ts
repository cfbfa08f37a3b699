/** Bun and Deno: modules with wrapped functions are found there as they are by Node.js. @module */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { installed } from './installed.ts';

const execute = promisify(execFile);
const { arch, platform } = process;
const cpu = arch === 'arm64' ? 'aarch64' : arch;
const runs = isFull && platform === 'linux';

const files = {
  'package.json': '{"private":true}',
  'jobs.mjs': `
    import { ContextVar, threaded, threadedIterable, threadedSeparate } from 'offloop';
    export class Mine extends Error { code = 'E_MINE'; }
    const wrap = (fn) => threaded(fn);
    export const byHelper = wrap(function byHelper(n) { return n + 1; });
    export const { named } = { named: threaded({ priority: 1 })(function named(n) { return n * 4; }) };
    export const list = [1, 2, 3].map((k) => threaded((n) => n * k));
    export const toldApart = [1, 2, 3].map((k) => threaded((n) => n * k, { name: 'times ' + k }));
    export class Static { static twice = threaded(function twice(text) { return text + text; }); }
    export const upTo = threadedIterable(function* upTo(n) { for (let i = 0; i < n; i += 1) yield i; });
    export const apart = threadedSeparate(function apart(n) { return -n; });
    export const fails = threaded(function fails() { throw new Mine('told'); });
    export const user = new ContextVar('user');
    export const asks = threaded(async function asks(callback) { return [user.get(), await callback(2)]; });
    export const endless = threaded(() => { for (;;); });`,
  'main.mjs': `
    import { threaded } from 'offloop';
    import * as jobs from './jobs.mjs';
    const show = async (value) => console.log(JSON.stringify(await value));
    await show(Promise.all([jobs.byHelper(1), jobs.named(1), jobs.Static.twice('a'), jobs.apart(1)]));
    await show(Promise.all(jobs.toldApart.map((fn) => fn(10))));
    await show(Promise.all(jobs.list.map((fn) => fn(10).catch(({ code }) => code))));
    const items = [];
    for await (const item of jobs.upTo(3)) items.push(item);
    await show(items);
    await show(jobs.fails().catch((error) => [error instanceof jobs.Mine, error.code, error.message]));
    await show(jobs.user.run('me', () => jobs.asks((n) => n * 10)));
    await show(jobs.endless.with({ timeout: 50 })().catch(({ code }) => code));
    await show(threaded((n) => n)(1).catch(({ code }) => /_(?:REENTRY|NOT_FOUND)$/.test(code)));
    process.exit();`,
};

/** The package of each runtime, and how it runs a program. */
const runtimes: readonly (readonly [name: string, packed: string, command: readonly string[]])[] = [
  ['Bun', `@oven/bun-${platform}-${cpu}@1.4.5`, [`node_modules/@oven/bun-${platform}-${cpu}/bin/bun`]],
  ['Deno', `@deno/${platform}-${arch}-glibc@2`, [`node_modules/@deno/${platform}-${arch}-glibc/deno`, 'run', '-A']],
];

describe.runIf(runs)('functions of modules', () => {
  test.for(runtimes)(
    'run in threads of %s, and what no thread finds is refused',
    { timeout: 300_000 },
    async ([, packed, [program = '', ...args]], { skip }) => {
      const folder = await installed(files, [packed], skip);
      const { stdout } = await execute(join(folder, program), [...args, 'main.mjs'], { cwd: folder, timeout: 60_000 });

      expect(stdout.trim().split('\n')).toEqual([
        '[2,4,"aa",-1]',
        '[10,20,30]',
        '["ERR_OFFLOOP_CAPTURE","ERR_OFFLOOP_CAPTURE","ERR_OFFLOOP_CAPTURE"]',
        '[0,1,2]',
        '[true,"E_MINE","told"]',
        '["me",20]',
        '"ERR_OFFLOOP_TIMEOUT"',
        'true',
      ]);
    },
  );
});
