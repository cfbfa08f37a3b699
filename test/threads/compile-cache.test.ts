/** Threads keep what they compile where their program does, if it does. @module */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fixture, run } from '../support/run.ts';

const program = fixture('exits/compile-cache.mjs');
const folder = mkdtempSync(join(tmpdir(), 'offloop-compiled-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Node.js has such a cache since 22.8. */
const hasCache = 'enableCompileCache' in module;

async function foldersOf(...args: string[]): Promise<unknown> {
  const { stdout, stderr, code } = await run(program, { args, env: { NODE_COMPILE_CACHE: '' } });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout);
}

describe('threads of a program', () => {
  test('that keeps what it compiles keep it in the same folder', async () => {
    const found = await foldersOf(folder);

    const [own] = hasCache ? readdirSync(folder).map((name) => join(folder, name)) : [null];
    expect(found).toEqual([own, own, own, own]);
    if (hasCache) expect(own).toBeTypeOf('string');
  });

  test('that keeps nothing keep nothing', async () => {
    expect(await foldersOf()).toEqual([null, null, null, null]);
  });
});
