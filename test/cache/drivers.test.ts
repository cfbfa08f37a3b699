/** What stands behind a cache: only what is allowed of lmdb is used, and a missing package is named. @module */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openCache } from 'offloop/cache';
import { describe, expect, test } from 'vitest';
import { loadPeer } from '../../src/base/peer.ts';
import { drivers, newPath } from '../support/caches.ts';
import { root, run } from '../support/run.ts';

const missing = (text: RegExp): Error =>
  expect.objectContaining({ code: 'ERR_OFFLOOP_PEER', message: expect.stringMatching(text) as string }) as Error;

const peer = { name: 'lmdb', from: [3, 5], below: 4, use: 'a cache in lmdb' } as const;

/** The URL of a module beside which the package `lmdb` has the version `version`. */
function beside(version: string | undefined, code = 'module.exports = 5'): string {
  const folder = newPath();
  const own = join(folder, 'node_modules/lmdb');
  mkdirSync(own, { recursive: true });
  if (version === undefined) return pathToFileURL('/nowhere/module.js').href;
  writeFileSync(join(own, 'package.json'), JSON.stringify({ name: 'lmdb', version, main: 'lmdb.js' }));
  writeFileSync(join(own, 'lmdb.js'), code);
  return pathToFileURL(join(folder, 'module.js')).href;
}

describe('the package lmdb', () => {
  test('is named with the command that installs it, where it is missing', () => {
    expect(() => loadPeer(peer, beside(undefined))).toThrow(
      missing(/lmdb is not installed. Run npm install lmdb@\^3\.5/),
    );
  });

  test.each(['2.9.4', '3.4.9', '4.0.0'])('is refused in the version %s, with those that work', (version) => {
    expect(() => loadPeer(peer, beside(version))).toThrow(missing(/from 3\.5 on and below 4\.0, found/));
  });

  test('is loaded in a version that works; why it cannot be is the cause', () => {
    expect(loadPeer(peer, beside('3.5.0'))).toBe(5);
    expect(() => loadPeer(peer, beside('3.6.1', 'throw new Error("no such binary")'))).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_PEER', cause: expect.any(Error) as Error }) as Error,
    );
  });

  test('is loaded by a cache that needs it, and by nothing else', async () => {
    const program = `import 'offloop'; import { createRequire } from 'node:module'; import('offloop/cache').then(() =>
      console.log(Object.keys(createRequire(process.cwd() + '/x.js').cache).filter((it) => /lmdb/.test(it)).length));`;
    const { stdout } = await run(undefined, { args: ['--input-type=module', '-e', program] });

    expect(stdout.trim()).toBe('0');
  });

  test('runs no code inside of its transactions', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((it) =>
      it.endsWith('.ts'),
    );
    const users = files.filter((file) =>
      /name: 'lmdb'|['"]lmdb['"]\)/.test(readFileSync(join(root, 'src', file), 'utf8')),
    );
    const text = readFileSync(join(root, 'src/cache/stores/lmdb-driver.ts'), 'utf8').replaceAll(
      /\/\*[\s\S]*?\*\/|\/\/.*/g,
      '',
    );

    expect(users).toEqual([join('cache', 'stores', 'lmdb-driver.ts')]);
    expect(text).not.toMatch(/transaction|(?:put|remove|clear)Sync|ifVersion\(|attemptLock|useReadTransaction/i);
  });
});

describe('the driver sqlite', () => {
  // Only where Node.js has no SQLite is it missing.
  test.skipIf(/* SQLite is there */ drivers.length > 1)('says which Node.js it needs', () => {
    expect(() => openCache(newPath(), { driver: 'sqlite' })).toThrow(missing(/Node\.js from 22\.13 on/));
  });
});
